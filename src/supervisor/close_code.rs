//! After which close codes another try would end the same. What each code of our bridge means is in `docs/bridge.md`.

/// Whether a connection that ended with this code is not tried again by itself.
///
/// Most codes are no reason to stay away, 1000 of a peer neither: a byte bridge ends so when its QEMU has. A limit that
/// one command broke (1009, 4408, 4429) says nothing about a new connection, since no command is sent twice.
pub const fn is_fatal(code: u16) -> bool {
    matches!(
        code,
        // What we send is not what the peer speaks: a mistake, and we would make it again.
        1003 | 1007
            // Policy (RFC 6455).
            | 1008
            // Unauthorized and Forbidden, as registered with IANA.
            | 3000 | 3003
            // The same, as HTTP's numbers among the private ones, which is common. Our bridge has the first.
            | 4401 | 4403
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_the_bridge_is_decided_upon() {
        let table = include_str!("../../docs/bridge.md");
        let (_, table) = table.split_once("## Close codes").unwrap();
        let codes: Vec<u16> = table
            .lines()
            .filter_map(|row| row.strip_prefix("| ")?.split(' ').next()?.parse().ok())
            .collect();
        // A code that is new in the table has to be thought about, here too.
        assert_eq!(
            codes,
            [1001, 1003, 1007, 1008, 1009, 1013, 4401, 4404, 4408, 4429]
        );
        let fatal: Vec<u16> = codes.into_iter().filter(|&code| is_fatal(code)).collect();
        assert_eq!(fatal, [1003, 1007, 1008, 4401]);
    }

    #[test]
    fn r7_refusals_are_fatal_and_mishaps_are_not() {
        assert!([1008, 3000, 3003, 4401, 4403].into_iter().all(is_fatal));
        assert!(
            ![0, 1000, 1002, 1005, 1006, 1011, 1012, 1014, 1015, 4000]
                .into_iter()
                .any(is_fatal)
        );
    }
}
