//! Which name was meant by one that is not there.

/// The name that is nearest, if one is near.
pub(super) fn nearest<'a>(name: &str, known: &mut dyn Iterator<Item = &'a str>) -> Option<&'a str> {
    // Beyond a third of the letters it is another word.
    let mut best = (name.len() / 3).clamp(1, 3) + 1;
    let mut found = None;
    for candidate in known {
        if candidate.len().abs_diff(name.len()) < best {
            let distance = distance(name.as_bytes(), candidate.as_bytes());
            if distance < best {
                best = distance;
                found = Some(candidate);
            }
        }
    }
    found
}

/// How many bytes have to be put in, taken out or changed (Levenshtein).
fn distance(from: &[u8], to: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let changed = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_found() {
        let known = ["query-status", "query-name", "stop", "cont"];
        for (name, wanted) in [
            ("query-statsu", Some("query-status")),
            ("query_name", Some("query-name")),
            ("sotp", None),
            ("stp", Some("stop")),
            ("stopp", Some("stop")),
            ("", None),
            ("device_add", None),
        ] {
            assert_eq!(nearest(name, &mut known.iter().copied()), wanted, "{name}");
        }
    }
}
