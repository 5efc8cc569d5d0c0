//! Hosts, origins and tokens as requests bring them.

use axum::http::HeaderValue;

use super::*;

fn headers(list: &[(HeaderName, &[u8])]) -> HeaderMap {
    let value = |bytes: &[u8]| HeaderValue::from_bytes(bytes).unwrap();
    list.iter()
        .map(|(name, bytes)| (name.clone(), value(bytes)))
        .collect()
}

fn access() -> Access {
    Access::new(
        Scheme::Http,
        ([127, 0, 0, 1], 8090).into(),
        &["vm.example".into()],
        &["https://trusted.example.com".into()],
    )
    .unwrap()
}

#[test]
fn h3_hosts_are_equal_or_refused() {
    let check = |host: &str| {
        access().check_host(
            &Uri::from_static("/"),
            &headers(&[(header::HOST, host.as_bytes())]),
        )
    };
    for host in [
        "localhost:8090",
        "LOCALHOST:8090",
        "127.0.0.1:8090",
        "[::1]:8090",
        "vm.example",
        "vm.example:80",
    ] {
        assert_eq!(check(host), Ok(()), "{host}");
    }
    for host in [
        "localhost",
        "localhost:8091",
        "127.0.0.1.evil.com:8090",
        "localhost.evil.com:8090",
        "0.0.0.0:8090",
        "2130706433:8090",
        "0x7f000001:8090",
        "127.1:8090",
        "evil.example",
        "vm.example:8090",
        "vm.example.:80",
    ] {
        assert_eq!(check(host), Err(Refusal::Host), "{host}");
    }
    for host in [
        "",
        "[::1",
        "a b",
        "localhost:",
        "localhost:80:90",
        "user@localhost:8090",
        "localhost:+8090",
    ] {
        assert!(check(host).is_err(), "{host}");
    }
}

#[test]
fn h4_a_request_has_one_host() {
    let check = |uri: &'static str, list: &[(HeaderName, &[u8])]| {
        access().check_host(&Uri::from_static(uri), &headers(list))
    };
    let host = (header::HOST, &b"localhost:8090"[..]);
    assert_eq!(check("/", &[]), Err(Refusal::Malformed));
    assert_eq!(
        check("/", &[host.clone(), (header::HOST, b"evil")]),
        Err(Refusal::Malformed)
    );
    assert_eq!(
        check("http://evil.example/", std::slice::from_ref(&host)),
        Err(Refusal::Malformed)
    );
    assert_eq!(check("http://localhost:8090/", &[host]), Ok(()));
    assert_eq!(
        check("/", &[(header::HOST, b"local\xffhost")]),
        Err(Refusal::Malformed)
    );
}

#[test]
fn o5_origins_are_equal_or_refused() {
    let check = |origin: &str| access().check_origin(&headers(&[(header::ORIGIN, origin.as_bytes())]));
    for origin in [
        "http://localhost:8090",
        "http://127.0.0.1:8090",
        "http://[::1]:8090",
        "http://vm.example",
        "http://vm.example:80",
        "https://trusted.example.com",
        "https://TRUSTED.example.com",
        "https://trusted.example.com:443",
    ] {
        assert_eq!(check(origin), Ok(()), "{origin}");
    }
    for origin in [
        "null",
        "",
        "https://evil.example",
        "https://trusted.example.com.evil.com",
        "https://trusted.example.comedy",
        "https://trusted.example.com:9999",
        "http://trusted.example.com",
        "https://trusted.example.com.",
        "https://trusted.example.com@evil.com",
        "https://x@trusted.example.com",
        "http://localhost",
        "https://localhost:8090",
        "https://vm.example",
        "https://trusted.example.com/",
        "https://trusted.example.com/path",
        "file://",
        "data:,x",
    ] {
        assert_eq!(check(origin), Err(Refusal::Origin), "{origin}");
    }
    let twice = headers(&[
        (header::ORIGIN, b"http://localhost:8090"),
        (header::ORIGIN, b"http://localhost:8090"),
    ]);
    assert_eq!(access().check_origin(&twice), Err(Refusal::Malformed));
    assert_eq!(access().check_origin(&HeaderMap::new()), Ok(()));
}

#[test]
fn o6_pages_came_by_the_scheme_of_the_listener() {
    for (own, other) in [(Scheme::Http, Scheme::Https), (Scheme::Https, Scheme::Http)] {
        let hosts = ["vm.example:8443".to_owned(), "vm.example".to_owned()];
        let access = Access::new(own, ([0; 4], 8443).into(), &hosts, &[]).unwrap();
        let check = |origin: String| access.check_origin(&headers(&[(header::ORIGIN, origin.as_bytes())]));
        for host in [
            "vm.example:8443",
            "localhost:8443",
            "127.0.0.1:8443",
            "[::1]:8443",
            "vm.example",
        ] {
            assert_eq!(check(format!("{}://{host}", own.name())), Ok(()), "{host}");
            let foreign = format!("{}://{host}", other.name());
            assert_eq!(check(foreign), Err(Refusal::Origin), "{host}");
        }
        // The scheme's own port goes without saying, and the other's does not.
        for (port, answer) in [(own.port(), Ok(())), (other.port(), Err(Refusal::Host))] {
            let host = format!("vm.example:{port}");
            let headers = headers(&[(header::HOST, host.as_bytes())]);
            assert_eq!(access.check_host(&Uri::from_static("/"), &headers), answer);
        }
    }
}

#[test]
fn n4_at_an_address_of_the_network_nothing_is_local() {
    for (address, is_local) in [
        ("192.0.2.1:8443", false),
        ("[2001:db8::1]:8443", false),
        ("0.0.0.0:8443", true),
        ("[::]:8443", true),
        ("[::1]:8443", true),
    ] {
        let hosts = ["[2001:db8::1]:8443".to_owned()];
        let access = Access::new(Scheme::Https, address.parse().unwrap(), &hosts, &[]).unwrap();
        let check = |host: &[u8]| {
            let headers = headers(&[(header::HOST, host)]);
            access.check_host(&Uri::from_static("/"), &headers).is_ok()
        };
        assert!(check(b"[2001:db8::1]:8443"), "{address}");
        for host in ["localhost:8443", "127.0.0.1:8443", "[::1]:8443"] {
            assert_eq!(check(host.as_bytes()), is_local, "{address} {host}");
        }
    }
}

#[test]
fn o8_what_another_site_has_a_browser_load_is_refused() {
    let check = |list: &[(HeaderName, &[u8])]| access().check_origin(&headers(list));
    for (site, answer) in [
        ("none", Ok(())),
        ("same-origin", Ok(())),
        ("same-site", Err(Refusal::Origin)),
        ("cross-site", Err(Refusal::Origin)),
        ("Cross-Site", Err(Refusal::Origin)),
        ("", Err(Refusal::Origin)),
    ] {
        let site = (SEC_FETCH_SITE, site.as_bytes());
        assert_eq!(check(std::slice::from_ref(&site)), answer, "{site:?}");
        // A page that is allowed is so wherever it is.
        let allowed = (header::ORIGIN, &b"https://trusted.example.com"[..]);
        assert_eq!(check(&[site, allowed]), Ok(()));
    }
    let twice = (SEC_FETCH_SITE, &b"none"[..]);
    assert_eq!(check(&[twice.clone(), twice]), Err(Refusal::Malformed));
}

#[test]
fn a_token_is_taken_from_the_subprotocols() {
    let check =
        |offered: &str| websocket_token(&headers(&[(header::SEC_WEBSOCKET_PROTOCOL, offered.as_bytes())]));
    assert_eq!(check("binary, qmp.v1, qmp.bearer.Zm9v").as_deref(), Ok("foo"));
    assert_eq!(check("qmp.v1,qmp.bearer.Zm9v").as_deref(), Ok("foo"));
    for (offered, refusal) in [
        ("qmp.v1", Refusal::Token),
        ("qmp.bearer.Zm9v", Refusal::Malformed),
        ("qmp.v1, qmp.bearer.Zm9v, qmp.bearer.Zm9v", Refusal::Malformed),
        ("qmp.v1, qmp.bearer.Zm9v=", Refusal::Token),
        ("qmp.v1, qmp.bearer._w", Refusal::Token),
    ] {
        assert_eq!(check(offered), Err(refusal), "{offered}");
    }
    assert_eq!(websocket_token(&HeaderMap::new()), Err(Refusal::Token));
}
