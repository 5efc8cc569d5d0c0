use std::time::Duration;

use super::*;
use crate::grant::Stay;

fn entry(token: &str, id: &str) -> Entry {
    Entry {
        id: id.to_owned(),
        role: Role::Viewer,
        scope: Scope::All,
        expires: None,
        once: false,
        digest: digest(token),
    }
}

fn tokens(entries: &[Entry]) -> Tokens {
    let tokens = Tokens::default();
    tokens.replace(entries.to_vec());
    tokens
}

#[test]
fn only_whole_tokens_are_let_in() {
    let (tokens, token) = Tokens::generate().unwrap();
    let now = Timestamp::now();
    assert!(tokens.find(&token, now).is_some());
    for wrong in ["", &token[1..], &format!("{token} "), &token.to_lowercase()] {
        assert!(tokens.find(wrong, now).is_none(), "{wrong}");
    }
    assert!(Tokens::default().find("", now).is_none());
    assert_ne!(Tokens::generate().unwrap().1, token);
}

#[test]
fn a1_ten_thousand_random_values_are_no_token() {
    let (tokens, token) = Tokens::generate().unwrap();
    let now = Timestamp::now();
    for number in 0..10_000_usize {
        let mut random = vec![0; number % 100];
        getrandom::fill(&mut random).unwrap();
        let mut nearly = token.clone().into_bytes();
        nearly[number % 43] ^= 1 + (number / 43 % 127) as u8;
        for wrong in [
            BASE64_URL_SAFE_NO_PAD.encode(&random),
            String::from_utf8_lossy(&random).into_owned(),
            String::from_utf8_lossy(&nearly).into_owned(),
            token[..number % 43].to_owned(),
        ] {
            assert!(tokens.find(&wrong, now).is_none(), "{wrong}");
            assert_eq!(tokens.exchange(&wrong, now).unwrap_err(), NoExchange::Unknown);
        }
    }
    assert!(tokens.find(&token, now).is_some());
}

#[test]
fn a6_digests_of_one_size_are_compared_whole_and_all_of_them() {
    // Whatever was given, what is compared are 32 bytes, all of which depend on all of it.
    fn compared(state: &State) -> impl Fn(&Digest) -> Option<String> {
        |given| state.find(given).map(|known| known.grant.id.clone())
    }
    let all: Vec<Entry> = ["a", "b", "c"].iter().map(|id| entry(id, id)).collect();
    let tokens = tokens(&all);
    let state = tokens.state.read().unwrap();
    let find = compared(&state);
    for Entry { id, digest, .. } in &all {
        // The first, one in the middle and the last are found: the search does not end early, and takes no other one.
        assert_eq!(find(digest).as_ref(), Some(id));
        for bit in 0..256 {
            let mut wrong = *digest;
            wrong[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(find(&wrong), None, "{bit}");
        }
    }
    let lengths = [0, 1, 16, 1000].map(|length| digest(&"x".repeat(length)).len());
    assert_eq!(lengths, [32; 4]);
}

#[test]
fn a8_what_changes_ends_and_what_does_not_stays() {
    let (now, later) = (Timestamp::now(), Timestamp::now() + Duration::from_secs(60));
    let all = ["stays", "goes", "role", "scope", "time"].map(|id| entry(id, id));
    let tokens = tokens(&all);
    let grants = all.clone().map(|entry| tokens.find(&entry.id, now).unwrap());
    let [stays, _, mut role, mut scope, mut time] = all;
    role.role = Role::Operator;
    scope.scope = Scope::Only(vec!["a".into()]);
    time.expires = Some(later);
    tokens.replace(vec![time, scope, role, stays]);
    let ended = grants.each_ref().map(|grant| grant.ended().is_cancelled());
    assert_eq!(ended, [false, true, true, true, true]);
    assert!(Arc::ptr_eq(&grants[0], &tokens.find("stays", now).unwrap()));
    assert!(tokens.find("goes", now).is_none());
    assert_eq!(tokens.find("role", now).unwrap().role, Role::Operator);
    tokens.replace(vec![]);
    assert!(grants[0].ended().is_cancelled() && tokens.find("stays", now).is_none());
}

#[test]
fn a9_a_token_ends_when_it_expires() {
    let now = Timestamp::now();
    let [soon, later] = [10, 20].map(|seconds| now + Duration::from_secs(seconds));
    let (mut one, mut two) = (entry("one", "one"), entry("two", "two"));
    (one.expires, two.expires) = (Some(soon), Some(later));
    let tokens = tokens(&[one, two, entry("ever", "ever")]);
    let grant = tokens.find("one", now).unwrap();
    assert_eq!(tokens.expire(now), Some(soon));
    assert!(!grant.ended().is_cancelled());
    assert!(
        tokens.find("one", soon).is_none(),
        "whether or not anybody has looked at the clock"
    );
    assert_eq!(tokens.expire(soon), Some(later));
    assert!(grant.ended().is_cancelled());
    assert_eq!(tokens.expire(later), None);
    assert!(tokens.find("ever", later).is_some());
}

#[test]
fn a_token_for_one_use_has_one() {
    let now = Timestamp::now();
    let mut once = entry("link", "link");
    (once.once, once.expires) = (true, Some(now + Duration::from_secs(600)));
    once.scope = Scope::Only(vec!["web1".into()]);
    let tokens = tokens(std::slice::from_ref(&once));
    assert!(tokens.find("link", now).is_none(), "it opens nothing by itself");
    let (grant, session) = tokens.exchange("link", now).unwrap();
    let session = session.unwrap();
    assert!(grant.covers("web1") && !grant.covers("web2"));
    assert_eq!(tokens.exchange("link", now).unwrap_err(), NoExchange::Spent);

    // The same list again, and one that was gone for a moment, make no second use.
    tokens.replace(vec![once.clone()]);
    assert_eq!(tokens.exchange("link", now).unwrap_err(), NoExchange::Spent);
    assert!(tokens.find(&session, now).is_some());
    assert_eq!(
        tokens.exchange(&session, now).unwrap().1,
        None,
        "what it gives is no such token"
    );

    // The session outlasts the link, but not for ever.
    let after = now + Duration::from_secs(601);
    tokens.expire(after);
    assert!(tokens.find(&session, after).is_some() && !grant.ended().is_cancelled());
    let end = now + Duration::from_secs(12 * 3600);
    assert!(tokens.find(&session, end).is_none());
    tokens.expire(end);
    assert!(grant.ended().is_cancelled());
}

#[test]
fn a_session_ends_with_the_token_that_it_was_given_for() {
    let now = Timestamp::now();
    let mut once = entry("link", "link");
    (once.once, once.expires) = (true, Some(now + Duration::from_secs(600)));
    let tokens = tokens(std::slice::from_ref(&once));
    let (grant, session) = tokens.exchange("link", now).unwrap();
    tokens.replace(vec![]);
    assert!(grant.ended().is_cancelled() && tokens.find(&session.unwrap(), now).is_none());
    tokens.replace(vec![once.clone()]);
    assert_eq!(tokens.exchange("link", now).unwrap_err(), NoExchange::Spent);

    let mut late = entry("late", "late");
    (late.once, late.expires) = (true, Some(now));
    tokens.replace(vec![late]);
    assert_eq!(tokens.exchange("late", now).unwrap_err(), NoExchange::Unknown);
}

#[test]
fn a10_a_token_has_so_many_sessions() {
    let (tokens, token) = Tokens::generate().unwrap();
    let grant = tokens.find(&token, Timestamp::now()).unwrap();
    let mut seats: Vec<_> = (0..16).map(|_| grant.sit(Stay::Session, 16).unwrap()).collect();
    assert!(grant.sit(Stay::Session, 16).is_none());
    seats.pop();
    assert!(grant.sit(Stay::Session, 16).is_some());
}
