//! The index, what is shown of it, and what is written of it.

use proptest::prelude::*;

use super::*;

const BLOCK: &str = r#"[{"device": "ide0", "inserted": {"image": {"virtual-size": 9007199254740993, "a\"b": [1, [2]]}}}, {}, "x"]"#;

#[test]
fn values_know_where_they_are() {
    let tree = Tree::new(BLOCK);
    let texts: Vec<&str> = tree.children(ROOT).map(|node| tree.text(node)).collect();
    assert_eq!(texts.len(), 3);
    assert_eq!(texts[1..], ["{}", "\"x\""]);
    assert_eq!(tree.text(ROOT), BLOCK);
    let size = (0..)
        .find(|node| tree.key(*node) == Some("\"virtual-size\""))
        .unwrap();
    assert_eq!(tree.text(size), "9007199254740993");
    assert_eq!(tree.kind(size), Kind::Number);
    assert_eq!(
        tree.path(size, "return"),
        r#"return[0].inserted.image["virtual-size"]"#
    );
    assert_eq!(
        tree.path(size + 3, "return"),
        r#"return[0].inserted.image["a\"b"][1]"#
    );
    assert_eq!(tree.path(ROOT, "return"), "return");
    assert_eq!((tree.count(ROOT), tree.size(ROOT)), (3, 11));
}

#[test]
fn texts_are_found_in_keys_and_values_and_across() {
    let tree = Tree::new(BLOCK);
    for (text, count) in [
        ("IDE0", 1),
        ("device\": \"ide", 1),
        ("i", 4),
        ("", 0),
        (" ", 0),
        ("nothing", 0),
    ] {
        assert_eq!(tree.find(text).len(), count, "{text}");
    }
}

#[test]
fn a_line_is_cut_and_hides_nothing() {
    let tree = Tree::new("{\"a\":[1,2],\"b\u{202e}\":\"\u{e9}\u{e9}\u{e9}\"}");
    assert_eq!(
        tree.preview(ROOT, 80),
        "{\"a\": [1, 2], \"b\\u202e\": \"\u{e9}\u{e9}\u{e9}\"}"
    );
    assert_eq!(tree.preview(ROOT, 9), "{\"a\": [1, …");
    assert_eq!(tree.preview(ROOT, 0), "…");
    assert_eq!(Tree::new("\"a\\n\\u00e9\"").plain(ROOT), "a\n\u{e9}");
}

#[test]
fn small_trees_are_open_and_large_ones_are_not() {
    let rows = Outline::new(Tree::new(BLOCK)).rows();
    assert_eq!(rows.len(), 6, "{rows:?}");
    // What its line tells in full stays one.
    let line = Outline::new(Tree::new("{\"status\": \"running\", \"running\": true}"));
    assert_eq!(line.rows().len(), 1);
    let many = format!("[{}]", vec!["{\"name\": \"x\"}"; 1000].join(","));
    let mut outline = Outline::new(Tree::new(&many));
    assert_eq!(outline.rows().len(), 202);
    assert_eq!(
        outline.rows().last(),
        Some(&Row::More {
            parent: ROOT,
            level: 2,
            hidden: 200..1000
        })
    );
    outline.show_more(ROOT, &(200..1000));
    assert_eq!(outline.rows().len(), 402);
    outline.show_more(ROOT, &(960..1000));
    assert_eq!(outline.rows().len(), 442);
    assert!(outline.set_open(ROOT, false));
    assert!(!outline.set_open(ROOT, false));
    assert_eq!(outline.rows().len(), 1);
}

#[test]
fn what_is_looked_for_is_shown() {
    let many = format!("[{}]", vec!["{\"name\": [7]}"; 1000].join(","));
    let mut outline = Outline::new(Tree::new(&many));
    // The 7 in the element 500; each has three values.
    let node = 1 + 500 * 3 + 2;
    assert_eq!(outline.tree.path(node, ""), "[500].name[0]");
    outline.reveal(node);
    let rows = outline.rows();
    assert!(rows.contains(&Row::Value { node, level: 4 }));
    let more: Vec<_> = rows
        .iter()
        .filter_map(|row| match row {
            Row::More { hidden, .. } => Some(hidden.clone()),
            Row::Value { .. } => None,
        })
        .collect();
    assert_eq!(more, [200..450, 550..1000]);
    outline.show_more(ROOT, &(200..450));
    outline.show_more(ROOT, &(400..450));
    outline.show_more(ROOT, &(550..1000));
    assert_eq!(outline.rows().len(), 1 + 750 + 2 + 1);
}

#[test]
fn deep_values_are_read_too() {
    let deep = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
    let mut outline = Outline::new(Tree::new(&deep));
    outline.reveal(5000);
    assert_eq!(outline.rows().len(), 5001);
}

proptest! {
    #[test]
    fn any_text_gives_some_tree(text in r#"([\[\]{},:" \\]|"a"|12|true|é){0,40}"#) {
        let tree = Tree::new(&text);
        if !tree.is_empty() {
            for node in ROOT..=tree.size(ROOT) {
                prop_assert!(tree.path(node, "return").starts_with("return"));
                let _ = (tree.preview(node, 5), tree.plain(node));
                for child in tree.children(node) {
                    prop_assert_eq!(tree.parent(child), Some(node));
                }
            }
            let last = tree.size(ROOT);
            let mut outline = Outline::new(tree);
            outline.reveal(last);
            let is_shown = outline.rows().iter().any(|row| matches!(row, Row::Value { node, .. } if *node == last));
            prop_assert!(is_shown);
        }
    }
}
