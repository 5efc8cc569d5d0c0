//! Each of the numbered checks has a test that says so in its name. What of them no test can show here is in the table of
//! CONTRIBUTING.md.
#![expect(clippy::unwrap_used, reason = "a failed test says where")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The checks: a letter, and the numbers that it has.
const CHECKS: [(char, &[u32]); 15] = [
    ('O', &[1, 2, 3, 4, 5, 6, 7, 8, 9]),
    ('H', &[1, 2, 3, 4, 5, 6]),
    ('N', &[1, 2, 3, 4]),
    ('W', &[1, 2, 4, 5, 6]),
    ('A', &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
    ('P', &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]),
    ('J', &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
    ('L', &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]),
    ('E', &[1, 2, 3, 4, 5, 6]),
    ('Q', &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]),
    ('R', &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]),
    ('U', &[1, 2, 3, 4, 5]),
    ('G', &[1, 2, 3, 4, 5, 6]),
    ('S', &[1, 3]),
    ('C', &[2]),
];

#[test]
fn no_check_is_left_out() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut covered = BTreeSet::new();
    for folder in ["crates", "src", "tests", "xtask/src"] {
        for file in sources(&root.join(folder)) {
            let text = fs::read_to_string(&file).unwrap();
            if file.extension().unwrap() == "rs" {
                covered.extend(rust_tests(&text).flat_map(|name| numbers(name, "_")));
            } else {
                covered.extend(node_tests(&text).flat_map(|name| numbers(name, ", ")));
            }
        }
    }
    let all = CHECKS
        .iter()
        .flat_map(|(letter, numbers)| numbers.iter().map(|number| (*letter, *number)));
    let missing: Vec<String> = all
        .filter(|check| !covered.contains(check))
        .map(|(letter, number)| format!("{letter}{number}"))
        .collect();
    assert!(missing.is_empty(), "no test: {missing:?}");
}

/// The names of functions that have a `test` attribute.
fn rust_tests(text: &str) -> impl Iterator<Item = &str> {
    let mut is_test = false;
    text.lines().filter_map(move |line| {
        let line = line.trim_start();
        if line.starts_with("#[") {
            is_test |= line.starts_with("#[test]") || line.contains("::test");
            return None;
        }
        let (_, name) = line.split_once("fn ")?;
        std::mem::take(&mut is_test).then(|| name.split('(').next().unwrap())
    })
}

/// What stands before the colon in the names of Node's tests, and of the cases of the contract.
fn node_tests(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let line = line.trim_start();
        let name = line
            .strip_prefix("test(\"")
            .or_else(|| line.strip_prefix("name: \""))?;
        Some(name.split_once(": ")?.0)
    })
}

/// The checks that a name begins with, as in `a4_a5_no_log_has_it` or `A4, A5`.
fn numbers(name: &str, between: &str) -> Vec<(char, u32)> {
    let parts = name.split(between).map_while(|part| {
        let letter = part.chars().next()?;
        let number = part[letter.len_utf8()..].parse().ok()?;
        Some((letter.to_ascii_uppercase(), number))
    });
    parts.collect()
}

/// All files in Rust and JavaScript below a folder, and no packages of others.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("node_modules") {
            found.extend(sources(&path));
        } else if path
            .extension()
            .is_some_and(|it| it == "rs" || it == "js" || it == "mjs")
        {
            found.push(path);
        }
    }
    found
}

#[test]
fn what_is_no_test_counts_for_nothing() {
    let text = "#[test]\nfn a1_b2_is() {}\nfn a3_is_none() {}\n#[tokio::test(flavor = \"x\")]\n#[cfg(x)]\nasync fn a4_is() {\n";
    assert_eq!(rust_tests(text).collect::<Vec<_>>(), ["a1_b2_is", "a4_is"]);
    assert_eq!(numbers("a1_b2_is", "_"), [('A', 1), ('B', 2)]);
    assert_eq!(numbers("nothing", "_"), []);
    let text = "  test(\"W5: x\", t)\n// W4: x\n  name: \"E3, E4: y\",\n";
    assert_eq!(node_tests(text).collect::<Vec<_>>(), ["W5", "E3, E4"]);
    assert_eq!(numbers("E3, E4", ", "), [('E', 3), ('E', 4)]);
}
