//! Server-sent events, out of the bytes of an answer: what `EventSource` would do, which sends no token.

/// Cuts bytes into the data of events.
#[derive(Debug, Default)]
pub(super) struct Events {
    line: Vec<u8>,
    data: String,
    is_given: bool,
}

impl Events {
    /// Takes bytes as they come, cut anywhere; gives the data of the events that end in them.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut events = Vec::new();
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            self.line.extend_from_slice(piece);
            if self.line.len() > LONGEST {
                self.line.clear();
            }
            if !piece.ends_with(b"\n") {
                continue;
            }
            let line = std::mem::take(&mut self.line);
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end_matches(['\n', '\r']);
            if line.is_empty() {
                let data = std::mem::take(&mut self.data);
                if std::mem::take(&mut self.is_given) {
                    events.push(data);
                }
            } else if let Some(data) = line.strip_prefix("data:") {
                if self.is_given {
                    self.data.push('\n');
                }
                self.data.push_str(data.strip_prefix(' ').unwrap_or(data));
                self.is_given = true;
            }
        }
        events
    }
}

/// Bytes of a line; no list of machines is so long.
const LONGEST: usize = 4 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_found_wherever_their_bytes_are_cut() {
        let text = "data: {\"a\":1}\n\n:\n\n: comment\r\ndata:é\r\ndata: z\r\n\r\nid: 7\n\nevent: x\ndata: \n\ndata: unfinished";
        let want = ["{\"a\":1}", "é\nz", ""];
        assert_eq!(Events::default().take(text.as_bytes()), want);
        for cut in 0..text.len() {
            let mut events = Events::default();
            let (one, other) = text.as_bytes().split_at(cut);
            let found = [events.take(one), events.take(other)].concat();
            assert_eq!(found, want, "{cut}");
        }
        let mut events = Events::default();
        let found: Vec<_> = text.bytes().flat_map(|byte| events.take(&[byte])).collect();
        assert_eq!(found, want);
    }
}
