//! Messages that two readers could understand differently: an error, and not a byte of them for the machine. Over a scripted
//! machine that tells what it heard to the byte.

use qmp_bridge::{CloseCode, Role};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::common::{Client, TestBridge};
use crate::fake::{Fake, FakeSocket};
use crate::metrics::metric;
use crate::program::Program;

/// A machine, and a client of it who may do everything.
struct Line {
    bridge: TestBridge,
    machine: Fake,
    client: Client,
}

impl Line {
    async fn start() -> Self {
        let (bridge, machine) = Fake::with(|options| options.rate_limit = None).await;
        let mut client = bridge.client("vm").await;
        client.negotiate(&["async", "oob"]).await;
        Self {
            bridge,
            machine,
            client,
        }
    }

    /// How many bytes the machine was sent.
    async fn sent(&self) -> f64 {
        metric(&self.bridge, "qmp_bridge_sent_bytes_total{vm=\"vm\"}").await
    }

    /// Each of these is answered by one error with this id, and the machine hears nothing of it.
    async fn refuses(&mut self, messages: &[&str], id: &Value) {
        let before = self.sent().await;
        for message in messages {
            self.client.send_text(message).await;
            let reply = self.client.next().await;
            assert_eq!(reply["error"]["class"], "GenericError", "{message}: {reply}");
            assert_eq!(reply["id"], *id, "{message}: {reply}");
        }
        assert_eq!(self.sent().await, before);
        self.goes_on().await;
    }

    /// The next command is the next thing that the machine hears, whole and alone.
    async fn goes_on(&mut self) {
        self.client
            .send(json!({ "execute": "next", "arguments": { "a": 1 }, "id": "the next" }))
            .await;
        let heard = self.machine.hear_text().await;
        let command: Value = serde_json::from_str(&heard).unwrap();
        let id = &command["id"];
        let due = format!("{{\"execute\":\"next\",\"arguments\":{{\"a\":1}},\"id\":{id}}}\n");
        assert_eq!(heard, due);
        self.machine.answer(&command, json!({})).await;
        assert_eq!(
            self.client.next().await,
            json!({ "return": {}, "id": "the next" })
        );
    }
}

#[tokio::test]
async fn j1_j2_no_member_is_there_twice() {
    let mut line = Line::start().await;
    line.refuses(
        &[
            r#"{"execute":"query-status","execute":"quit","id":1}"#,
            r#"{"execute":"query-status","exec\u0075te":"quit","id":1}"#,
            r#"{"id":1,"execute":"quit","arguments":{},"arguments":{}}"#,
            r#"{"execute":"x","arguments":{"a":1,"a":2},"id":1}"#,
            r#"{"execute":"x","arguments":{"a":1,"\u0061":2},"id":1}"#,
            r#"{"execute":"x","arguments":{"a":{"b":[{"c":1,"c":1}]}},"id":1}"#,
        ],
        &json!(1),
    )
    .await;
    // Of two ids neither is the one.
    line.refuses(&[r#"{"execute":"quit","id":1,"id":2}"#], &Value::Null)
        .await;
}

#[tokio::test]
async fn j3_j4_j7_what_is_not_one_json_object_is_no_command() {
    let mut line = Line::start().await;
    line.refuses(
        &[
            r#"{"execute":"query-status","id":1}{"execute":"quit","id":2}"#,
            "{\"execute\":\"query-status\",\"id\":1}\n{\"execute\":\"quit\",\"id\":2}",
            "{\"execute\":\"query-status\",\"id\":1}\r\n\r\n{\"execute\":\"quit\"",
            "{\"execute\":\"query-status\",\"id\":1}//\n{\"execute\":\"quit\",\"id\":2}",
            r#"{"execute":"query-status","id":1} x"#,
            "{'execute':'quit','id':1}",
            "{\"execute\":'quit',\"id\":1}",
            "{execute:\"quit\",\"id\":1}",
            "{\"execute\":\"quit\",\"id\":1/**/}",
            "//\n{\"execute\":\"quit\",\"id\":1}",
            "#\n{\"execute\":\"quit\",\"id\":1}",
            "\u{feff}{\"execute\":\"quit\",\"id\":1}",
            r#"{"execute":"quit","id":1,}"#,
            r#"{"execute":"quit",,"id":1}"#,
            r#"{"execute":"x","arguments":{"a":[1,]},"id":1}"#,
            r#"{"execute":"x","arguments":{"a":NaN},"id":1}"#,
            r#"{"execute":"x","arguments":{"a":-Infinity},"id":1}"#,
            r#"{"execute":"x","arguments":{"a":0x10},"id":1}"#,
            r#"{"execute":"x","arguments":{"a":01},"id":1}"#,
            r#"{"execute":"x","arguments":{"a":+1},"id":1}"#,
            r#"{"execute":"x","arguments":{"a":.5},"id":1}"#,
            r#"{"execute":"x","arguments":{"a":1.},"id":1}"#,
            r#"{"execute":"x","arguments":{"a":True},"id":1}"#,
            "{\"execute\":\"x\",\"arguments\":{\"a\":\"\u{1}\"},\"id\":1}",
            "{\"execute\":\"x\",\"arguments\":{\"a\":\"\t\"},\"id\":1}",
            "{\"execute\":\"x\",\"arguments\":{\"a\":\"\n\"},\"id\":1}",
            "{\"execute\":\u{1}\"x\",\"id\":1}",
            "{\"execute\":\"quit\0\",\"id\":1}",
            "{\"execute\":\u{a0}\"quit\",\"id\":1}",
            r#"{"execute":"x","arguments":{"a":"\x41"},"id":1}"#,
            r#"{"execute":"x","arguments":{"a":"\u00g0"},"id":1}"#,
            r#"{"execute":"quit","id":1"#,
            r#"[{"execute":"query-status","id":1},{"execute":"quit","id":2}]"#,
            "[]",
            "\"quit\"",
            "1",
            "null",
            "true",
            "",
            " ",
        ],
        &Value::Null,
    )
    .await;
}

#[tokio::test]
async fn j5_a_name_is_what_it_spells() {
    let socket = FakeSocket::new();
    let vms = [("vm", qmp_bridge::Endpoint::Unix(socket.path()))];
    let bridge = TestBridge::of_roles(&vms, |_| ()).await;
    let mut machine = Fake::accept(socket, &["oob"]).await;
    let spelled = [
        r#"{"exec\u0075te":"quit","id":1}"#,
        r#"{"execute":"\u0071\u0075it","id":1}"#,
        r#"{"\u0065xec-oob":"quit","\u0069d":1}"#,
    ];
    let mut viewer = bridge.client_as(Role::Viewer, "vm").await;
    viewer.negotiate(&["async", "oob"]).await;
    for message in spelled {
        viewer.send_text(message).await;
        let reply = viewer.next().await;
        assert_eq!(
            (&reply["error"]["class"], &reply["id"]),
            (&json!("__io.github.qmp-web_Forbidden"), &json!(1)),
            "{message}: {reply}"
        );
    }
    // Who may gets it executed, and the machine hears it as it is written plainly.
    let mut operator = bridge.client_as(Role::Operator, "vm").await;
    operator.negotiate(&["async", "oob"]).await;
    for (message, member) in spelled.into_iter().zip(["execute", "execute", "exec-oob"]) {
        operator.send_text(message).await;
        let heard = machine.hear_text().await;
        let command: Value = serde_json::from_str(&heard).unwrap();
        let id = &command["id"];
        assert_eq!(heard, format!("{{\"{member}\":\"quit\",\"id\":{id}}}\n"));
        machine.answer(&command, json!({})).await;
        assert_eq!(operator.next().await, json!({ "return": {}, "id": 1 }));
    }
}

#[tokio::test]
async fn j6_j8_who_made_a_mistake_is_told_which_command_it_was() {
    let mut line = Line::start().await;
    line.refuses(
        &[
            r#"{"execute":"query-status","exec-oob":"quit","id":1}"#,
            r#"{"exec-oob":"query-yank","execute":"query-yank","id":1}"#,
            r#"{"execute":"x","arguments":{"a":"\ud800"},"id":1}"#,
            r#"{"execute":"x","arguments":{"a":"\udc00\ud800"},"id":1}"#,
            r#"{"execute":"x","arguments":{"\ud800x":1},"id":1}"#,
            r#"{"execute":"x\ud800","id":1}"#,
            r#"{"execute":"x","arguments":{"a":1e999},"id":1}"#,
            r#"{"execute":"x","arguments":{"a":[-1e999]},"id":1}"#,
            r#"{"execute":"x","arguments":[],"id":1}"#,
            r#"{"execute":"x","arguments":null,"id":1}"#,
            r#"{"execute":["quit"],"id":1}"#,
            r#"{"execute":"x","argument":{},"id":1}"#,
            r#"{"execute":"x","control":{"run-oob":true},"id":1}"#,
            r#"{"id":1}"#,
        ],
        &json!(1),
    )
    .await;
}

#[tokio::test]
async fn j8_j11_what_is_not_utf_8_or_not_text_ends_the_connection_unheard() {
    let mut line = Line::start().await;
    let before = line.sent().await;
    let text = |bytes: &'static [u8]| Message::Frame(Frame::message(bytes, OpCode::Data(Data::Text), true));
    for (frame, code) in [
        (
            text(b"{\"execute\":\"x\",\"arguments\":{\"a\":\"\xc0\x80\"},\"id\":1}"),
            CloseCode::NotText,
        ),
        (
            text(b"{\"execute\":\"x\",\"arguments\":{\"a\":\"\xe0\x80\xaf\"},\"id\":1}"),
            CloseCode::NotText,
        ),
        (text(b"{\"execute\":\"quit\",\"id\":1}\xff"), CloseCode::NotText),
        (
            Message::binary(br#"{"execute":"quit","id":1}"#.as_slice()),
            CloseCode::BinaryFrame,
        ),
    ] {
        let mut client = line.bridge.client("vm").await;
        client.negotiate(&["async"]).await;
        client.send_frame(frame.clone()).await.unwrap();
        assert_eq!(client.close_code().await, code.code(), "{frame:?}");
    }
    assert_eq!(line.sent().await, before);
    line.goes_on().await;
}

/// A command whose arguments are so many levels deep.
fn deep(levels: usize) -> String {
    let (open, close) = ("[".repeat(levels - 1), "]".repeat(levels - 1));
    format!("{{\"execute\":\"x\",\"arguments\":{{\"a\":{open}{close}}},\"id\":1}}")
}

#[tokio::test]
async fn j9_nesting_has_an_end() {
    let mut line = Line::start().await;
    line.client.send_text(&deep(127)).await;
    let heard = line.machine.hear_text().await;
    let (command, id) = heard.rsplit_once(",\"id\":").unwrap();
    assert!(deep(127).starts_with(command), "{heard}");
    let id: Value = serde_json::from_str(id.strip_suffix("}\n").unwrap()).unwrap();
    line.machine.answer(&json!({ "id": id }), json!({})).await;
    assert_eq!(line.client.next().await["id"], 1);
    // What is behind it, such as the id, is not read any more.
    for levels in [128, 1000, 30_000] {
        line.refuses(&[&deep(levels)], &Value::Null).await;
    }
}

#[tokio::test]
async fn j9_a_million_levels_cost_neither_memory_nor_stack() {
    const LEVELS: usize = 1_000_000;
    let bridge = Program::start(&["--max-frame".as_ref(), "4194304".as_ref()]).await;
    let mut client = bridge.client().await;
    client.negotiate(&["async"]).await;
    // A message of the same length that is shallow, so that what is measured is the depth.
    let flat = format!(
        "{{\"execute\":\"x\",\"arguments\":{{\"a\":\"{}\"}},\"id\":1}}",
        "x".repeat(2 * LEVELS)
    );
    client.send_text(&flat).await;
    assert_eq!(client.next().await["error"]["class"], "CommandNotFound");
    let before = bridge.memory("VmHWM");
    let (open, close) = ("[".repeat(LEVELS), "]".repeat(LEVELS));
    let objects = "{\"a\":".repeat(LEVELS / 4) + "1" + &"}".repeat(LEVELS / 4);
    for message in [
        deep(LEVELS),
        format!("{{\"execute\":\"x\",\"arguments\":{objects},\"id\":1}}"),
        format!("{{\"execute\":{open}{close},\"id\":1}}"),
        format!("{{\"id\":{open}{close}}}"),
        format!("{open}{close}"),
        open,
    ] {
        client.send_text(&message).await;
        let reply = client.next().await;
        assert_eq!(
            (&reply["error"]["class"], &reply["id"]),
            (&json!("GenericError"), &Value::Null)
        );
    }
    let growth = bridge.memory("VmHWM") - before;
    assert!(growth < 5 << 10, "{growth} KiB");
    assert_eq!(client.execute("query-status").await["running"], true);
}
