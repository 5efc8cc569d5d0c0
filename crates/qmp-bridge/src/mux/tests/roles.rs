//! What a client hears by its role.

use super::*;

#[test]
fn p9_who_hears_an_event_depends_on_its_role() {
    let mut world = World::new(options());
    let peers = [Role::Viewer, Role::Operator, Role::Admin].map(|role| world.attach_as(role));
    for name in ["STOP", "VNC_CONNECTED", "MADE_UP", "RESUME"] {
        world.event_named(name);
    }
    let heard = peers.map(|peer| world.clients[&peer].events.clone());
    assert_eq!(heard, [vec![1, 4], vec![1, 2, 3, 4], vec![1, 2, 3, 4]]);
}

#[test]
fn p8_viewers_are_not_told_what_is_withheld_even_if_others_asked_with_them() {
    let mut world = World::new(options());
    let peers = [Role::Viewer, Role::Operator].map(|role| world.attach_as(role));
    let mut told = HashMap::new();
    let mut look = |world: &mut World| {
        while let Some(decision) = world.mux.poll() {
            if let Decision::Reply { peer, reply, .. } = decision {
                told.insert(peer, reply.as_ref().as_ref().unwrap().as_str().to_owned());
            } else if let Decision::Write { message, .. } = decision {
                let id = serde_json::from_str::<Value>(&message).unwrap()["id"].clone();
                let reply = json!({ "return": [{ "id": "job", "error": "no /a" }], "id": id });
                world
                    .mux
                    .receive(world.now, reply.to_string().as_bytes())
                    .unwrap();
            }
        }
    };
    for peer in peers {
        let name = "query-jobs".to_owned();
        let request = Request {
            ticket: Ticket::new(1),
            name,
            arguments: None,
            oob: false,
        };
        world.mux.execute(peer, order(world.now, request));
    }
    look(&mut world);
    world.mux.tick(world.now + INTERVAL);
    look(&mut world);
    let [viewer, operator] = peers.map(|peer| serde_json::from_str::<Value>(&told[&peer]).unwrap());
    assert_eq!(
        (viewer, operator),
        (
            json!([{ "id": "job" }]),
            json!([{ "id": "job", "error": "no /a" }])
        )
    );
}
