//! Command lines and files, and what is made of them.

use super::*;

fn parse(line: &str) -> Result<Options, String> {
    let arguments = ["qmp-bridge"]
        .into_iter()
        .chain(line.split_whitespace())
        .map(str::to_owned);
    match Asked::parse(arguments).map_err(|e| e.to_string())? {
        Asked::Serve(options) => Ok(*options),
        Asked::Token(_) => Err("a command".to_owned()),
    }
}

#[test]
fn flags_go_before_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bridge.toml");
    fs::write(
        &path,
        "listen = \"[::1]:1\"\nallow-origin = [\"https://a\"]\nvm-dir = [\"/d\"]\n[vm]\nx = \"/x.sock\"\ny = \"tcp:h:1\"\n",
    )
    .unwrap();
    let options = parse(&format!(
        "--config {} --listen 127.0.0.1:2 --vm z=/z.sock --vm-dir e",
        path.display()
    ))
    .unwrap();
    assert_eq!(options.listen.port(), 2);
    assert_eq!(options.allow_origins, ["https://a"]);
    assert_eq!(options.vm_dirs, [Path::new("e"), Path::new("/d")]);
    let names: Vec<&str> = options.vms.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["z", "x", "y"]);
    assert!(parse("--vm-dir d").unwrap().vms.is_empty());
    assert_eq!(options.vms[2].1, Endpoint::Tcp("h:1".into()));
}

#[test]
fn limits_are_given_by_flags_or_in_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bridge.toml");
    fs::write(
        &path,
        "listen-unix = \"/run/a\"\n[limits]\nmax-clients = 1\nmax-frame = 2\nmax-in-flight = 3\nping = 5\n",
    )
    .unwrap();
    let line = format!("--demo --config {} --max-frame 7 --max-queue 4", path.display());
    let options = parse(&line).unwrap();
    assert_eq!(options.listen_unix.as_deref(), Some(Path::new("/run/a")));
    let limits = options.limits;
    assert_eq!((limits.max_clients.get(), limits.max_frame), (1, 7));
    assert_eq!((limits.max_in_flight.get(), limits.max_queue), (3, 4));
    assert_eq!(limits.ping.as_secs(), 5);
    assert_eq!(parse("--demo").unwrap().limits, ClientLimits::default());
    fs::write(&path, "[limits]\nmax-client = 1\n").unwrap();
    assert!(parse(&line).is_err());
}

#[test]
fn what_roles_may_do_is_given_by_flags_or_in_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bridge.toml");
    fs::write(&path, "[policy]\nallow-hmp = true\nfile = \"/p\"\n").unwrap();
    let line = format!("--demo --config {} --allow-admin --audit-log -", path.display());
    let policy = parse(&line).unwrap().policy;
    assert_eq!(
        (
            policy.allow_admin,
            policy.allow_hmp,
            policy.allow_session_commands
        ),
        (true, true, false)
    );
    assert_eq!(policy.file.as_deref(), Some(Path::new("/p")));
    assert_eq!(parse("--demo").unwrap().policy, PolicyOptions::default());
    let unwritten = parse("--demo --allow-admin").unwrap_err();
    assert!(unwritten.contains("--audit-log"), "{unwritten}");
    // To see what the policy is takes no machine.
    assert_eq!(parse("--show-policy").unwrap().policy.show, Some(None));
    assert!(parse("--show-policy root").is_err());
    fs::write(&path, "[policy]\nshow = true\n").unwrap();
    assert!(parse(&line).is_err());
}

#[test]
fn an_option_that_slipped_into_the_machines_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bridge.toml");
    for name in STRINGS {
        fs::write(&path, format!("[vm]\nx = \"/x.sock\"\n{name} = \"/y\"\n")).unwrap();
        let error = parse(&format!("--config {}", path.display())).unwrap_err();
        assert!(error.contains("goes before [vm]"), "{error}");
        // It is one.
        fs::write(&path, format!("{name} = 1\n")).unwrap();
        let error = parse(&format!("--demo --config {}", path.display())).map(drop);
        assert!(error.is_err(), "{name}");
    }
}

#[test]
fn what_cannot_be_followed_is_said() {
    for (line, said) in [
        ("", "no machine to serve"),
        ("--vm x", "NAME=ENDPOINT"),
        ("--vm x=", "path"),
        ("--vm x=listen:tcp:0.0.0.0:1", "loopback"),
        ("--vm ../x=/s", "a name begins with"),
        ("--vm x=/a --vm x=/b", "two machines named x"),
        ("--demo --vm demo=/b", "two machines named demo"),
        ("--demo --listen 0.0.0.0:1", "without TLS: give --tls-cert"),
        ("--demo --listen [::]:1", "--listen [::]:1: only loopback"),
        ("--demo --tls-cert c", "needed together"),
        ("--demo --tls-key k", "needed together"),
        (
            "--demo --metrics-listen 0.0.0.0:1",
            "--metrics-listen 0.0.0.0:1: only loopback",
        ),
        ("--demo --listen nonsense", "--listen"),
        ("--demo --max-clients 0", "--max-clients"),
        ("--demo --config /nonexistent/file", "/nonexistent/file"),
    ] {
        let error = parse(line).unwrap_err();
        assert!(error.contains(said), "{line}: {error}");
    }
}

#[test]
fn every_option_of_the_example_file_is_known() {
    let example = include_str!("../../../../packaging/qmp-bridge.toml");
    // What is commented out stands right behind its sign, prose behind a space.
    let options = example.lines().map(|line| {
        line.strip_prefix('#')
            .filter(|rest| !rest.starts_with(' '))
            .unwrap_or(line)
    });
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bridge.toml");
    fs::write(&path, options.collect::<Vec<_>>().join("\n")).unwrap();
    let options = parse(&format!("--config {}", path.display())).unwrap();
    assert_eq!(options.vms.len(), 2);
    assert_eq!(options.screen_interval, Duration::from_millis(200));
    assert!(options.metrics_listen.is_some());
}
