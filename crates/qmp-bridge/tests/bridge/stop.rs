//! How the bridge stops.

use qmp_bridge::CloseCode;
use serde_json::json;
use tokio::net::{TcpStream, UnixStream};

use crate::common::{Client, soon};
use crate::program::Program;

#[tokio::test]
async fn r12_what_is_in_flight_is_answered_then_all_are_told_and_the_status_is_0() {
    for signal in ["TERM", "INT"] {
        let dir = tempfile::tempdir().unwrap();
        let bridge = Program::start(&["--listen-unix".as_ref(), dir.path().as_os_str()]).await;
        let (socket, address) = (dir.path().join("demo.sock"), bridge.address());
        let (mut browser, mut script) = (bridge.client().await, Client::unix(&socket).await);
        let (mut idle, mut patient) = (bridge.client().await, bridge.client().await);
        for client in [&mut browser, &mut script, &mut idle, &mut patient] {
            client.negotiate(&["async"]).await;
        }
        let sleep = |ms, id| json!({ "execute": "x-async-sleep", "arguments": { "ms": ms }, "id": id });
        for client in [&mut browser, &mut script] {
            client.send(sleep(1500, "slow")).await;
        }
        // Longer than it is waited for.
        patient.send(sleep(600_000, "slower")).await;
        for client in [&mut browser, &mut script, &mut patient] {
            // By now the slow command has been taken.
            client.execute("query-status").await;
        }
        bridge.signal(signal).await;
        assert_eq!(idle.close_code().await, CloseCode::GoingAway.code());
        // It has stopped to listen, and takes no commands from those who are there.
        assert!(TcpStream::connect(address).await.is_err());
        assert!(UnixStream::connect(&socket).await.is_err());
        assert!(!socket.exists());
        for client in [&mut browser, &mut script] {
            client
                .send(json!({ "execute": "query-status", "id": "late" }))
                .await;
            assert_eq!(client.next().await, json!({ "return": {}, "id": "slow" }));
        }
        script.ended().await;
        assert_eq!(browser.close_code().await, CloseCode::GoingAway.code());
        assert_eq!(patient.close_code().await, CloseCode::GoingAway.code());
        let status = soon("the end", bridge.exit()).await;
        assert_eq!(status.code(), Some(0), "{signal}");
    }
}

#[tokio::test]
async fn r2_a_bridge_that_is_killed_is_the_end_of_every_connection() {
    let dir = tempfile::tempdir().unwrap();
    let bridge = Program::start(&["--listen-unix".as_ref(), dir.path().as_os_str()]).await;
    let socket = dir.path().join("demo.sock");
    let (mut browser, mut script) = (bridge.client().await, Client::unix(&socket).await);
    for client in [&mut browser, &mut script] {
        client.negotiate(&["async"]).await;
        client
            .send(json!({ "execute": "x-async-sleep", "arguments": { "ms": 600_000 }, "id": 0 }))
            .await;
        client.execute("query-status").await;
    }
    bridge.signal("KILL").await;
    // There is no close frame: to a page this is 1006.
    assert_eq!(
        (browser.next_bytes().await, script.next_bytes().await),
        (None, None)
    );
    assert_eq!(soon("the end", bridge.exit()).await.code(), None);
    // The socket file that it has left behind is no reason not to start again.
    let again = Program::start(&["--listen-unix".as_ref(), dir.path().as_os_str()]).await;
    Client::unix(&socket).await.negotiate(&["async"]).await;
    again.client().await.negotiate(&["async"]).await;
}
