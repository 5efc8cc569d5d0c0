//! Packages out of Debian's backports, downloaded and not installed. What becomes of them is the caller's business.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::{cmd, paths};

/// Whether this system is the one whose backports we know.
pub(super) fn are_for_this_system() -> bool {
    let system = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let codename = format!("VERSION_CODENAME={SUITE}");
    system.lines().any(|line| line == codename) && paths::find_program("apt-get").is_some()
}

/// The archives of a package and of all that it needs and the system lacks. The system's own lists of packages, its settings
/// and its locks are left alone: apt works in this folder, and only reads what is installed.
pub(super) fn download(package: &str, folder: &Path) -> Result<Vec<PathBuf>> {
    for needed in ["sources", "lists/partial", "cache/archives/partial"] {
        fs::create_dir_all(folder.join(needed))?;
    }
    fs::write(
        folder.join("sources/debian.sources"),
        format!(
            "Types: deb\nURIs: {}\nSuites: {SUITE} {SUITE}-backports\nComponents: main\nSigned-By: {KEYRING}\n",
            mirror()?
        ),
    )?;
    let settings = folder.join("apt.conf");
    let shown = folder.display();
    // As root apt would download as a user who may not enter this folder.
    fs::write(
        &settings,
        format!(
            "Dir::Etc::sourcelist \"/dev/null\";\nDir::Etc::sourceparts \"{shown}/sources\";\n\
             Dir::State::lists \"{shown}/lists\";\nDir::Cache \"{shown}/cache\";\n\
             APT::Sandbox::User \"root\";\nDebug::NoLocking \"true\";\n"
        ),
    )?;
    let apt_get = |args: &[&str]| {
        let mut command = cmd::program("apt-get");
        cmd::run(command.env("APT_CONFIG", &settings).args(["--quiet"]).args(args))
    };
    apt_get(&["update"])?;
    apt_get(&[
        "install",
        "--download-only",
        "--no-install-recommends",
        "--assume-yes",
        "--target-release",
        &format!("{SUITE}-backports"),
        package,
    ])?;
    let archives = fs::read_dir(folder.join("cache/archives"))?;
    let archives = archives.map(|entry| Ok(entry?.path()));
    let is_archive = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "deb");
    archives
        .filter(|path: &Result<PathBuf>| path.as_ref().map_or(true, is_archive))
        .collect()
}

/// Where this machine has its packages from; the backports are beside them.
fn mirror() -> Result<String> {
    let question = [
        "indextargets",
        "--format",
        "$(RELEASE) $(COMPONENT) $(REPO_URI) $(ORIGIN)",
    ];
    let answer = cmd::ask(cmd::program("apt-get").args(question).arg("Created-By: Packages"))?;
    mirror_among(&answer)
        .map(str::to_owned)
        .with_context(|| format!("apt has no source for {SUITE} main"))
}

/// Others than Debian name their suites alike, but where nothing was downloaded yet the origin is not known.
fn mirror_among(targets: &str) -> Option<&str> {
    let targets = targets.lines().filter_map(|line| {
        let mut fields = line.split_whitespace();
        let (release, component, uri) = (fields.next()?, fields.next()?, fields.next()?);
        (release == SUITE && component == "main").then_some((uri, fields.next()))
    });
    targets
        .min_by_key(|(_, origin)| *origin != Some("Debian"))
        .map(|(uri, _)| uri)
}

/// The Debian that they are for.
pub(super) const SUITE: &str = "bookworm";
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mirror_is_debians_own() {
        let (other, debian) = ("bookworm main b:/ Other\n", "bookworm main d:/ Debian\n");
        let suite = "bookworm-updates main u:/ Debian\nbookworm contrib c:/ Debian\n";
        assert_eq!(mirror_among(&[suite, other, debian].concat()), Some("d:/"));
        assert_eq!(mirror_among("bookworm main d:/\n"), Some("d:/"));
        assert_eq!(mirror_among(suite), None);
    }
}
