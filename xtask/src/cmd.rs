//! Running other programs: each is printed as one could type it, and none outlives a Ctrl-C. What they are run for is
//! not known here.

use std::{
    env,
    ffi::OsStr,
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

use crate::{paths, stop};

/// A program, to be run at the root of the project.
pub(crate) fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(paths::root()).stdin(Stdio::null());
    command
}

/// Cargo, the one that runs us.
pub(crate) fn cargo() -> Command {
    let mut command = program(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.env("CARGO_TARGET_DIR", paths::target_dir());
    command
}

/// Prints the command, runs it and waits for its end.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    println!("$ {}", shown(command));
    let name = name(command);
    let mut child = command.spawn().with_context(|| format!("cannot run {name}"))?;
    let status = wait(&mut child)?;
    ensure!(status.success(), "{name} failed ({status})");
    Ok(())
}

/// Asks a program something that is not worth printing: its standard output.
pub(crate) fn ask(command: &mut Command) -> Result<String> {
    let name = name(command);
    let output = command.output().with_context(|| format!("cannot run {name}"))?;
    ensure!(output.status.success(), "{name} failed ({})", output.status);
    String::from_utf8(output.stdout).with_context(|| format!("{name} did not answer in UTF-8"))
}

/// A command as one could type it at the root of the project.
pub(crate) fn shown(command: &Command) -> String {
    let variables = command
        .get_envs()
        .filter(|(key, _)| !INHERITED.iter().any(|quiet| key == quiet));
    let variables = variables.filter_map(|(key, value)| {
        Some(format!(
            "{}={}",
            key.to_string_lossy(),
            quoted(&value?.to_string_lossy())
        ))
    });
    let args = command.get_args().map(|arg| quoted(&arg.to_string_lossy()));
    variables
        .chain([name(command)])
        .chain(args)
        .collect::<Vec<_>>()
        .join(" ")
}

fn wait(child: &mut Child) -> Result<ExitStatus> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if stop::wait(POLL_INTERVAL) {
            break;
        }
    }
    // A terminal's Ctrl-C has reached the child too, and one that installs something is better left to end by itself.
    let deadline = Instant::now() + GRACE;
    while child.try_wait()?.is_none() && Instant::now() < deadline {
        std::thread::sleep(POLL_INTERVAL);
    }
    let _ = child.kill();
    child.wait()?;
    bail!("stopped")
}

fn name(command: &Command) -> String {
    let path = std::path::Path::new(command.get_program());
    let inside = path
        .strip_prefix(paths::root())
        .ok()
        .map(|path| path.display().to_string());
    inside
        .or_else(|| Some(path.file_name()?.to_string_lossy().into_owned()))
        .unwrap_or_default()
}

fn quoted(text: &str) -> String {
    if text.is_empty() || text.contains(|c: char| c.is_whitespace() || "'\"$&|;<>()*?".contains(c)) {
        return format!("'{}'", text.replace('\'', r"'\''"));
    }
    text.to_owned()
}

/// Variables that would only be noise in a printed command.
const INHERITED: [&str; 4] = [
    "CARGO_TARGET_DIR",
    "CARGO_TERM_PROGRESS_WHEN",
    "CARGO_TERM_PROGRESS_WIDTH",
    "PATH",
];
const POLL_INTERVAL: Duration = Duration::from_millis(20);
const GRACE: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_it_would_be_typed() {
        let mut command = program(paths::root().join("target/release/qmp-bridge"));
        command
            .args(["--vm", "it's one"])
            .env("LEVEL", "a b")
            .env("PATH", "/elsewhere");
        assert_eq!(
            shown(&command),
            r"LEVEL='a b' target/release/qmp-bridge --vm 'it'\''s one'"
        );
    }
}
