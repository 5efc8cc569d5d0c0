//! The client inside a real browser, against a real bridge and real QEMUs named `alpha` and `beta`, which
//! `cargo xtask test web` starts.
#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a failed test says where")]

use std::cell::RefCell;
use std::rc::Rc;

use futures_util::future::join_all;
use qmp_web::{Client, Command, ConnectOptions, Error, ErrorClass, Outcome, connect};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const BRIDGE: Option<&str> = option_env!("QMP_TEST_WS");
const TOKEN: Option<&str> = option_env!("QMP_TEST_TOKEN");

fn url(vm: &str) -> String {
    format!("{}/vm/{vm}/qmp", BRIDGE.expect("run by cargo xtask test web"))
}

fn options(token: Option<&str>) -> ConnectOptions {
    let mut options = ConnectOptions::default();
    options.token = token.map(str::to_owned);
    options
}

async fn open(vm: &str) -> Client {
    connect(&url(vm), &options(TOKEN)).await.unwrap()
}

#[wasm_bindgen_test]
async fn it_connects_negotiates_and_executes() {
    let vm = open("alpha").await;
    assert_eq!(vm.capabilities().names().collect::<Vec<_>>(), ["async", "oob"]);
    assert!(vm.greeting().unwrap().version.major >= 7);
    let name = vm.execute(Command::new("query-name")).await.unwrap();
    assert!(name.as_str().contains("\"alpha\""), "{name}");
    let yank = vm
        .execute(Command::new("query-yank").out_of_band())
        .await
        .unwrap();
    assert!(yank.as_str().starts_with('['), "{yank}");
}

#[wasm_bindgen_test]
async fn a_refused_command_says_so_by_class() {
    let vm = open("alpha").await;
    match vm.execute(Command::new("no-such-command")).await {
        Err(Error::Command { command, error, .. }) => {
            assert_eq!(
                (command.as_str(), error.class),
                ("no-such-command", ErrorClass::CommandNotFound)
            );
        }
        other => panic!("{other:?}"),
    }
    let arguments = r#"{"id": "\ud800"}"#;
    let unfit = vm
        .execute(Command::new("device_del").with_arguments(arguments))
        .await;
    assert!(matches!(unfit, Err(Error::Execute(_))), "{unfit:?}");
    assert!(vm.execute(Command::new("query-status")).await.is_ok());
}

#[wasm_bindgen_test]
async fn many_commands_at_once_get_their_own_replies() {
    let vm = open("alpha").await;
    let commands = ["query-status", "query-name", "query-version", "query-kvm"];
    let members = ["status", "name", "qemu", "enabled"];
    let replies = join_all((0..200).map(|i| vm.execute(Command::new(commands[i % 4])))).await;
    for (i, reply) in replies.into_iter().enumerate() {
        let reply = reply.unwrap();
        assert!(
            reply.as_str().contains(&format!("\"{}\"", members[i % 4])),
            "{reply}"
        );
    }
    let schema = vm.execute(Command::new("query-qmp-schema")).await.unwrap();
    assert!(schema.as_str().len() > 200_000);
}

#[wasm_bindgen_test]
async fn events_reach_every_client() {
    let (a, b) = (open("alpha").await, open("alpha").await);
    let heard = Rc::new(RefCell::new(vec![]));
    let _listening = b.on_event({
        let heard = heard.clone();
        move |event| heard.borrow_mut().push(event.name.clone())
    });
    a.execute(Command::new("stop")).await.unwrap();
    a.execute(Command::new("cont")).await.unwrap();
    // Its own reply comes after the events that came before.
    b.execute(Command::new("query-status")).await.unwrap();
    assert_eq!(*heard.borrow(), ["STOP", "RESUME"]);
}

#[wasm_bindgen_test]
async fn who_is_not_let_in_learns_that_no_connection_came_about() {
    for (vm, token) in [
        ("alpha", None),
        ("alpha", Some("a-token-that-is-wrong")),
        ("gamma", TOKEN),
    ] {
        match connect(&url(vm), &options(token)).await {
            Err(Error::Connect { url: to, .. }) => assert_eq!(to, url(vm)),
            other => panic!("{vm} {token:?}: {other:?}"),
        }
    }
}

#[wasm_bindgen_test]
async fn closing_rejects_what_is_pending() {
    let vm = open("alpha").await;
    let (pending, closed) = (vm.execute(Command::new("query-qmp-schema")), vm.closed());
    vm.close();
    assert!(matches!(
        pending.await,
        Err(Error::ConnectionLost {
            outcome: Outcome::Unknown,
            ..
        })
    ));
    assert_eq!(closed.await.code, 1000);
    assert!(vm.execute(Command::new("query-status")).await.is_err());
}

#[wasm_bindgen_test]
async fn a_machine_that_ends_rejects_what_is_pending() {
    let (a, b) = (open("beta").await, open("beta").await);
    // QEMU executes nothing after `quit`, so these can have no reply.
    drop(a.execute(Command::new("quit")));
    let pending = (0..50).map(|_| a.execute(Command::new("query-status")));
    for reply in join_all(pending).await {
        assert!(matches!(reply, Err(Error::ConnectionLost { .. })), "{reply:?}");
    }
    assert_eq!((a.closed().await.code, b.closed().await.code), (4404, 4404));
}
