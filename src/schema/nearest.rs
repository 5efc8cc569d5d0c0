//! Which name was meant by one that is not there.

/// The name that is nearest, if one is near.
pub(super) fn nearest<'a>(name: &str, known: &mut dyn Iterator<Item = &'a str>) -> Option<&'a str> {
    // Beyond a third of the letters it is another word.
    let mut best = (name.len() / 3).clamp(1, 3) + 1;
    let mut found = None;
    for candidate in known {
        let distance = distance(name.as_bytes(), candidate.as_bytes());
        if distance < best {
            best = distance;
            found = Some(candidate);
        }
    }
    found
}

/// The length of the one stretch in which they differ: most slips of a hand are one.
fn distance(from: &[u8], to: &[u8]) -> usize {
    let (short, long) = (from.len().min(to.len()), from.len().max(to.len()));
    let begin = from.iter().zip(to).take_while(|(a, b)| a == b).count();
    let ends = from.iter().rev().zip(to.iter().rev());
    let end = ends.take(short - begin).take_while(|(a, b)| a == b).count();
    long - begin - end
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
