//! What is promised of turns, one by one, and in random order.

mod roles;
mod world;

use std::collections::HashSet;

use proptest::collection::vec;
use proptest::prelude::*;
use qmp_proto::{ServerInput, ServerOutput};
use serde_json::{Value, json};

use self::world::{INTERVAL, World, options, order};
use super::*;

#[derive(Clone, Debug)]
enum Step {
    Answer,
    AnswerLast,
    Ask { client: usize, command: usize },
    Attach,
    Detach(usize),
    Event,
    Wait(u64),
}

/// With how long their arguments are, and whether they are out of band.
const COMMANDS: [(&str, usize, bool); 7] = [
    ("query-status", 0, false),
    ("query-block", 0, false),
    ("stop", 0, false),
    ("cont", 5000, false),
    ("migrate-pause", 0, true),
    ("query-yank", 0, true),
    ("yank", 7000, true),
];

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Answer),
        1 => Just(Step::AnswerLast),
        8 => (0..8usize, 0..COMMANDS.len()).prop_map(|(client, command)| Step::Ask { client, command }),
        1 => Just(Step::Attach),
        1 => (0..8usize).prop_map(Step::Detach),
        1 => Just(Step::Event),
        2 => (1..30u64).prop_map(Step::Wait),
        1 => (500..1500u64).prop_map(Step::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn every_command_settles_once_in_order_and_fresh(steps in vec(step(), 1..200)) {
        let mut world = World::new(options());
        world.attach();
        world.attach();
        for step in steps {
            match step {
                Step::Answer => world.answer(),
                Step::AnswerLast => world.answer_last(),
                Step::Ask { client, command } => {
                    let peer = world.clients.keys().nth(client).copied();
                    let (name, length, oob) = COMMANDS[command];
                    if let Some(peer) = peer {
                        world.ask_with(peer, name, oob, &json!({ "x": "x".repeat(length) }));
                    }
                }
                Step::Attach => drop(world.attach()),
                Step::Detach(client) => {
                    if let Some(peer) = world.clients.keys().nth(client).copied() {
                        world.detach(peer);
                    }
                }
                Step::Event => world.event(),
                Step::Wait(milliseconds) => world.wait(Duration::from_millis(milliseconds)),
            }
        }
        world.finish();
        prop_assert!(world.most_in_band <= MAX_IN_BAND_IN_FLIGHT);
        prop_assert_eq!(world.mux.waiting(), 0);
        for client in world.clients.values() {
            prop_assert!(client.asked.iter().all(|asked| asked.answered.is_some()));
            prop_assert!(client.events.is_sorted_by(|a, b| a + 1 == *b));
            client.check_order();
        }
    }
}

#[test]
fn l11_a_client_that_sends_many_does_not_delay_another() {
    let mut world = World::new(options());
    let (greedy, other) = (world.attach(), world.attach());
    for _ in 0..1000 {
        world.ask(greedy, "stop", false);
    }
    world.ask(other, "query-name", false);
    for _ in 0..=MAX_IN_BAND_IN_FLIGHT {
        world.answer();
    }
    assert!(world.clients[&other].asked[0].answered.is_some());
}

#[test]
fn l12_big_commands_go_one_at_a_time() {
    let mut world = World::new(options());
    let (greedy, other) = (world.attach(), world.attach());
    for _ in 0..20 {
        world.ask_with(greedy, "stop", false, &json!({ "x": "x".repeat(60_000) }));
    }
    world.ask(other, "query-name", false);
    world.answer();
    world.answer();
    assert!(world.clients[&other].asked[0].answered.is_some());
}

#[test]
fn l12_big_out_of_band_commands_go_one_at_a_time_and_overtake_all_others() {
    let mut world = World::new(options());
    let (greedy, other) = (world.attach(), world.attach());
    for _ in 0..20 {
        world.ask(greedy, "stop", false);
    }
    for _ in 0..20 {
        world.ask_with(greedy, "yank", true, &json!({ "x": "x".repeat(60_000) }));
    }
    world.ask(other, "migrate-pause", true);
    assert_eq!(world.read, MAX_IN_BAND_IN_FLIGHT + 1);
    world.answer();
    world.answer();
    assert!(world.clients[&other].asked[0].answered.is_some());
    for _ in 0..18 {
        world.answer();
    }
    // The last of the big ones goes before all that is in band.
    world.answer();
    assert_eq!(world.read, MAX_IN_BAND_IN_FLIGHT + 21);
    let in_band = |client: &world::Client| client.asked.iter().filter(|asked| !asked.oob).count();
    assert_eq!(in_band(&world.clients[&greedy]), 20);
    assert!(
        world.clients[&greedy]
            .asked
            .iter()
            .all(|asked| asked.oob == asked.answered.is_some())
    );
}

#[test]
fn l11_many_small_out_of_band_commands_do_not_delay_those_of_another() {
    let mut world = World::new(options());
    let (greedy, other) = (world.attach(), world.attach());
    for _ in 0..5000 {
        world.ask(greedy, "migrate-pause", true);
    }
    let sent = world.read;
    assert!(sent < 300, "{sent}");
    world.ask(other, "migrate-pause", true);
    while world.clients[&other].asked[0].answered.is_none() {
        world.answer();
    }
    // It was the second that was sent after it was asked, at most.
    assert!(world.clients[&other].asked[0].answered <= Some(sent + 1));
}

#[test]
fn an_out_of_band_command_that_is_not_answered_does_not_hold_up_the_others() {
    let mut world = World::new(options());
    let (slow, other) = (world.attach(), world.attach());
    let long = json!({ "x": "x".repeat(60_000) });
    world.ask_with(slow, "yank", true, &long);
    world.ask(other, "migrate-pause", true);
    assert_eq!((world.read, world.mux.waiting()), (1, 1));
    // QEMU has read it long ago.
    world.wait(Duration::from_secs(1));
    assert_eq!((world.read, world.mux.waiting()), (2, 0));
    assert!(world.mux.deadline().is_none());
    // What is answered was read, and so was what came before it.
    world.ask_with(slow, "yank", true, &long);
    world.ask(other, "migrate-pause", true);
    assert_eq!((world.read, world.mux.waiting()), (3, 1));
    world.answer_last();
    assert_eq!((world.read, world.mux.waiting()), (4, 0));
    world.finish();
    for client in world.clients.values() {
        assert!(client.asked.iter().all(|asked| asked.answered.is_some()));
        client.check_order();
    }
}

#[test]
fn q14_waiting_out_of_band_commands_of_who_has_gone_are_forgotten() {
    let mut world = World::new(options());
    let (gone, other) = (world.attach(), world.attach());
    for _ in 0..20 {
        world.ask_with(gone, "yank", true, &json!({ "x": "x".repeat(60_000) }));
    }
    world.ask(other, "migrate-pause", true);
    world.detach(gone);
    assert_eq!(world.mux.waiting(), 1);
    world.finish();
    assert_eq!((world.read, world.mux.waiting()), (2, 0));
    assert!(world.clients[&other].asked[0].answered.is_some());
}

#[test]
fn what_many_ask_again_and_again_is_sent_once_in_an_interval() {
    let mut world = World::new(options());
    let peers: Vec<PeerId> = (0..200).map(|_| world.attach()).collect();
    let mut sent = 0;
    // Two seconds of ten polls each, the clients spread over the time.
    for round in 0..2000_u64 {
        for (place, peer) in peers.iter().enumerate() {
            if round % 100 == place as u64 % 100 {
                for name in ["query-status", "query-block", "query-cpus-fast"] {
                    world.ask(*peer, name, false);
                }
            }
        }
        while !world.executing.is_empty() {
            world.answer();
        }
        world.wait(Duration::from_millis(1));
        sent = world.read;
    }
    world.finish();
    let asked: usize = world.clients.values().map(|client| client.asked.len()).sum();
    assert!(
        world
            .clients
            .values()
            .all(|client| client.asked.iter().all(|asked| asked.answered.is_some()))
    );
    assert!(sent * 20 <= asked, "{sent} of {asked}");
}

#[test]
fn a_client_alone_is_never_held_back() {
    let mut world = World::new(options());
    let (alone, quiet) = (world.attach(), world.attach());
    world.ask(quiet, "query-name", false);
    for count in 2..50 {
        world.ask(alone, "query-status", false);
        assert_eq!(world.read, count);
        world.answer();
    }
    assert!(world.mux.deadline().is_none());
}

#[test]
fn what_changes_something_is_not_shared_and_what_comes_behind_it_is_not_either() {
    let mut world = World::new(options());
    let (a, b) = (world.attach(), world.attach());
    for _ in 0..8 {
        world.ask(a, "stop", false);
    }
    for peer in [a, b] {
        world.ask(peer, "cont", false);
    }
    world.ask(a, "query-status", false);
    world.ask(b, "query-status", false);
    world.finish();
    // The two of `query-status` may be one, nothing else.
    assert!((11..=12).contains(&world.read), "{}", world.read);
    for client in world.clients.values() {
        client.check_order();
    }
}

#[test]
fn q14_who_has_gone_is_told_nothing_and_its_waiting_commands_are_forgotten() {
    let mut world = World::new(options());
    let (gone, other) = (world.attach(), world.attach());
    for _ in 0..20 {
        world.ask(gone, "stop", false);
    }
    world.ask(other, "query-name", false);
    world.detach(gone);
    world.finish();
    assert_eq!(world.read, MAX_IN_BAND_IN_FLIGHT + 1);
    assert!(world.clients[&other].asked[0].answered.is_some());
}

#[test]
fn l13_who_asks_too_often_is_told_when_to_ask_again() {
    let mut world = World::new(MuxOptions {
        rate: Some(RateLimit(200.try_into().unwrap())),
        ..options()
    });
    let peer = world.attach();
    let client = world.clients.get_mut(&peer).unwrap();
    for _ in 0..401 {
        client
            .session
            .handle_input(ServerInput::Message(r#"{"execute":"stop","id":1}"#))
            .unwrap();
    }
    while let Some(ServerOutput::Execute(request)) = client.session.poll_output() {
        world.mux.execute(peer, order(world.now, request));
    }
    let refused = std::iter::from_fn(|| world.mux.poll()).find_map(|decision| match decision {
        Decision::Reply { reply, .. } => reply.as_ref().as_ref().err().cloned(),
        _ => None,
    });
    let refused = refused.unwrap();
    assert_eq!(refused.class.as_str(), "__io.github.qmp-web_RateLimited");
    assert!(refused.desc.contains("again in 5 ms"), "{refused}");
    assert_eq!(world.mux.metrics.limited.get(), 1);
}

#[test]
fn l15_a_reply_that_is_too_long_is_an_error_and_the_session_goes_on() {
    let mut mux = World::new(MuxOptions {
        max_reply: 10,
        ..options()
    });
    let peer = mux.attach();
    let client = mux.clients.get_mut(&peer).unwrap();
    client
        .session
        .handle_input(ServerInput::Message(r#"{"execute":"query-block","id":1}"#))
        .unwrap();
    let Some(ServerOutput::Execute(request)) = client.session.poll_output() else {
        panic!("no command");
    };
    mux.mux.execute(peer, order(mux.now, request));
    let Some(Decision::Write { message, .. }) = mux.mux.poll() else {
        panic!("not sent");
    };
    let id = serde_json::from_str::<Value>(&message).unwrap()["id"].clone();
    let reply = json!({ "return": "x".repeat(11), "id": id }).to_string();
    mux.mux.receive(mux.now, reply.as_bytes()).unwrap();
    let Some(Decision::Reply { reply, .. }) = mux.mux.poll() else {
        panic!("no reply");
    };
    let error = reply.as_ref().as_ref().unwrap_err();
    assert_eq!(error.class.as_str(), "__io.github.qmp-web_ReplyTooLarge");
    assert!(mux.mux.is_ready());
}

#[test]
fn l15_a_reply_of_the_bridges_own_may_be_too_long_as_well() {
    let mut world = World::new(MuxOptions {
        max_reply: 30,
        ..options()
    });
    let peer = world.attach();
    world.mux.execute(
        peer,
        order(
            world.now,
            Request {
                ticket: Ticket::new(1),
                name: format!("{}query-events", own::PREFIX),
                arguments: None,
                oob: false,
            },
        ),
    );
    match world.mux.poll() {
        Some(Decision::Reply { reply, .. }) => {
            assert!(reply.as_ref().as_ref().unwrap_err().desc.contains("at most 30"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn l13_long_answers_of_the_bridges_own_count_for_many() {
    let mut world = World::new(MuxOptions {
        rate: Some(RateLimit(1000.try_into().unwrap())),
        ..options()
    });
    for _ in 0..2 * 4096 {
        world.event();
    }
    let query = |world: &mut World, peer, arguments: Option<String>| {
        let name = format!("{}query-events", own::PREFIX);
        let (ticket, oob) = (Ticket::new(1), false);
        let request = Request {
            ticket,
            name,
            arguments,
            oob,
        };
        world.mux.execute(peer, order(world.now, request));
        match world.mux.poll() {
            Some(Decision::Reply { reply, .. }) => reply.as_ref().clone().map(|json| json.as_str().len()),
            other => panic!("{other:?}"),
        }
    };
    let peer = world.attach();
    let (length, mut given) = (
        query(&mut world, peer, Some(r#"{"epoch":"x","after":0}"#.to_owned())).unwrap(),
        1,
    );
    assert!(length > 100 << 10, "{length}");
    while query(&mut world, peer, Some(r#"{"epoch":"x","after":0}"#.to_owned())).is_ok() {
        given += 1;
    }
    // Two seconds of 16 MiB each, and one answer that goes beyond.
    assert!((given - 1) * length <= 34 << 20, "{given} of {length}");
    let quiet = world.attach();
    for _ in 0..2000 {
        assert!(query(&mut world, quiet, None).is_ok());
    }
}

#[test]
fn e5_events_are_numbered_and_those_that_were_missed_can_be_asked_for() {
    let mut history = History::new(7);
    let query = |history: &History, arguments: Value| {
        let answer = history.query(Role::Operator, Some(&arguments.to_string()));
        answer.map(|json| serde_json::from_str::<Value>(json.as_str()).unwrap())
    };
    let event = |name: &str| qmp_proto::Event {
        timestamp: None,
        name: name.to_owned(),
        data: None,
    };
    let start = query(&history, json!({})).unwrap();
    assert_eq!(
        start,
        json!({ "epoch": "0000000000000007", "number": 0, "gone": 0, "events": [] })
    );
    history.back();
    history.push(&event("STOP"));
    history.gone();
    // Another try, which found nobody.
    history.gone();
    history.back();
    let missed = query(&history, json!({ "epoch": "0000000000000007", "after": 0 })).unwrap();
    let names: Vec<&str> = missed["events"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|event| event["event"].as_str())
        .collect();
    assert_eq!(
        names,
        ["STOP", "__io.github.qmp-web_GONE", "__io.github.qmp-web_BACK"]
    );
    for _ in 0..5000 {
        history.push(&event("RESUME"));
    }
    let missed = query(&history, json!({ "epoch": "0000000000000007", "after": 1 })).unwrap();
    let kept = missed["events"].as_array().unwrap().len() as u64;
    assert_eq!(
        (missed["number"].as_u64(), missed["gone"].as_u64()),
        (Some(5003), Some(5002 - kept))
    );
    let numbers: HashSet<u64> = missed["events"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|event| event["__io.github.qmp-web_number"].as_u64())
        .collect();
    assert_eq!(numbers.len() as u64, kept);
    let elsewhere = query(&history, json!({ "epoch": "8", "after": 1 })).unwrap();
    assert_eq!(
        (
            elsewhere["gone"].clone(),
            elsewhere["events"].as_array().unwrap().len() as u64
        ),
        (Value::Null, kept)
    );
    for wrong in [json!({ "after": 1 }), json!({ "epoch": 1 }), json!({ "x": 1 })] {
        assert!(query(&history, wrong).is_err());
    }
}
