//! What is known of jobs after what the machine tells.

use qmp_web::Json;

use super::*;
use crate::console::members::all;

#[test]
fn a_job_that_qemu_dismisses_by_itself_leaves_how_it_ended() {
    for (last, error, want) in [
        ("BLOCK_JOB_COMPLETED", "", End::Completed),
        ("BLOCK_JOB_CANCELLED", "", End::Cancelled),
        (
            "BLOCK_JOB_COMPLETED",
            r#", "error": "no space""#,
            End::Failed(Some("no space".to_owned())),
        ),
    ] {
        let mut jobs = Jobs::default();
        status(&mut jobs, "created");
        status(&mut jobs, "running");
        assert_eq!((jobs.running(), jobs.is_stale()), (1, true));
        happen(
            &mut jobs,
            last,
            &format!(r#"{{"device": "j", "type": "mirror"{error}}}"#),
        );
        status(&mut jobs, "concluded");
        assert_eq!(jobs.running(), 0);
        status(&mut jobs, "null");
        assert_eq!(ends(&jobs), [("j", "mirror", want)]);
        assert_eq!(jobs.iter().count(), 0);
    }
}

#[test]
fn what_was_concluded_is_seen_until_it_is_dismissed() {
    let mut jobs = Jobs::default();
    list(
        &mut jobs,
        0.0,
        r#"[{"id": "j", "type": "create", "status": "concluded", "current-progress": 1, "total-progress": 1, "error": "no such file"}]"#,
        "[]",
    );
    let job = jobs.iter().next().unwrap();
    assert_eq!(job.end(), End::Failed(Some("no such file".to_owned())));
    assert!(job.allows(Verb::Dismiss) && !job.allows(Verb::Cancel));
    assert_eq!((jobs.running(), jobs.lists_running()), (0, false));
    status(&mut jobs, "null");
    assert_eq!(
        ends(&jobs),
        [("j", "create", End::Failed(Some("no such file".to_owned())))]
    );
}

#[test]
fn a_role_that_is_not_told_why_sees_that_it_failed() {
    let mut jobs = Jobs::default();
    status(&mut jobs, "running");
    status(&mut jobs, "aborting");
    status(&mut jobs, "concluded");
    list(
        &mut jobs,
        0.0,
        r#"[{"id": "j", "type": "create", "status": "concluded", "current-progress": 1, "total-progress": 1}]"#,
        "[]",
    );
    assert_eq!(jobs.iter().next().unwrap().end(), End::Failed(None));
}

#[test]
fn what_is_gone_when_the_connection_is_back_was_not_seen_to_end() {
    let mut jobs = Jobs::default();
    list(&mut jobs, 0.0, &running(1, 2), "[]");
    jobs.reconnected();
    assert!(jobs.is_stale());
    list(&mut jobs, 1.0, "[]", "[]");
    assert_eq!(ends(&jobs), [("j", "mirror", End::Unseen)]);
}

#[test]
fn an_answer_that_an_event_overtook_is_not_taken() {
    let mut jobs = Jobs::default();
    list(&mut jobs, 0.0, &running(1, 2), "[]");
    let asked = jobs.ask().unwrap();
    status(&mut jobs, "null");
    assert!(!jobs.listed(asked, 1.0, all(read(&running(1, 2)), Listed::read).unwrap(), &[]));
    assert_eq!((jobs.iter().count(), jobs.is_stale()), (0, true));
    // One question at a time.
    assert_eq!(jobs.ask(), None);
    jobs.answered();
    assert!(jobs.ask().is_some());
}

#[test]
fn speed_and_time_left_follow_from_progress() {
    let mut jobs = Jobs::default();
    let block = r#"[{"device": "j", "speed": 5}]"#;
    list(&mut jobs, 0.0, &running(0, 1000), block);
    list(&mut jobs, 1e3, &running(100, 1000), block);
    let job = jobs.iter().next().unwrap();
    assert_eq!(
        (job.speed(), job.left(), job.share(), job.limit),
        (Some(100.0), Some(9), Some(100), 5)
    );
    status(&mut jobs, "paused");
    let job = jobs.iter().next().unwrap();
    assert_eq!((job.speed(), job.left(), job.share()), (None, None, Some(100)));
    // What is no block job does not count bytes.
    let mut jobs = Jobs::default();
    list(&mut jobs, 0.0, &running(0, 4), "[]");
    list(&mut jobs, 1e3, &running(1, 4), "[]");
    let job = jobs.iter().next().unwrap();
    assert_eq!((job.speed(), job.left()), (None, Some(3)));
    list(&mut jobs, 2e3, &running(0, 0), "[]");
    assert_eq!(jobs.iter().next().unwrap().share(), None);
}

#[test]
fn the_migration_is_a_job_as_long_as_it_is_under_way() {
    let mut jobs = Jobs::default();
    migrate(&mut jobs, 0.0, "{}");
    assert_eq!(jobs.iter().count(), 0);
    migrate(&mut jobs, 1e3, r#"{"status": "setup"}"#);
    migrate(&mut jobs, 2e3, &active(10, 90));
    migrate(&mut jobs, 3e3, &active(20, 60));
    let job = jobs.get(&Key::Migration).unwrap();
    assert_eq!(
        (job.speed(), job.left(), job.share()),
        (Some(10.0), Some(2), Some(400))
    );
    assert!(jobs.is_migrating() && !jobs.lists_running());
    // Jobs that are listed do not push it out.
    list(&mut jobs, 3e3, "[]", "[]");
    assert!(!migrate(&mut jobs, 3e3, &active(20, 60)));
    assert!(migrate(
        &mut jobs,
        4e3,
        r#"{"status": "completed", "total-time": 5}"#
    ));
    assert!(!migrate(
        &mut jobs,
        5e3,
        r#"{"status": "completed", "total-time": 5}"#
    ));
    assert_eq!(ends(&jobs), [("Migration", "migration", End::Completed)]);
    assert!(!jobs.is_migrating());
}

#[test]
fn one_failed_migration_looks_like_another_and_is_yet_told_of() {
    let mut jobs = Jobs::default();
    let failed = r#"{"status": "failed", "error-desc": "nowhere"}"#;
    for times in 1..=3 {
        migrate(&mut jobs, 0.0, failed);
        migrate(&mut jobs, 0.0, failed);
        assert_eq!(jobs.ended().count(), times);
        match times {
            1 => jobs.migration_began(),
            _ => happen(&mut jobs, "MIGRATION", r#"{"status": "setup"}"#),
        }
        assert!(jobs.is_stale() && jobs.is_migrating());
    }
    assert_eq!(
        jobs.ended().next().unwrap().how,
        End::Failed(Some("nowhere".to_owned()))
    );
}

#[test]
fn an_error_on_the_way_is_kept_with_the_job() {
    let mut jobs = Jobs::default();
    status(&mut jobs, "running");
    happen(
        &mut jobs,
        "BLOCK_JOB_ERROR",
        r#"{"device": "j", "operation": "write", "action": "stop"}"#,
    );
    list(&mut jobs, 0.0, &running(1, 2), "[]");
    let error = jobs.iter().next().unwrap().error.clone().unwrap();
    assert!(error.starts_with("A write failed"), "{error}");
}

#[test]
fn other_events_are_not_about_jobs() {
    let mut jobs = Jobs::default();
    for data in [r#"{"id": "j"}"#, "[1]"] {
        assert!(!jobs.happened(&event("STOP", data)));
    }
    // Nor is anything a machine says more than that.
    happen(&mut jobs, "JOB_STATUS_CHANGE", r#"{"id": 5}"#);
    assert!(jobs.version() > 0);
}

#[test]
fn what_can_be_done_is_what_qemu_takes_in_that_state() {
    use Verb::{Cancel, Complete, Dismiss, Finalize, KeepCopy, Pause, Resume};
    for (status, want) in [
        ("created", &[Pause, Cancel][..]),
        ("running", &[Pause, Cancel]),
        ("paused", &[Resume, Cancel]),
        ("ready", &[Pause, Complete, KeepCopy, Cancel]),
        ("standby", &[Resume, Cancel]),
        ("waiting", &[Cancel]),
        ("pending", &[Finalize, Cancel]),
        ("aborting", &[]),
        ("concluded", &[Dismiss]),
    ] {
        let mut job = Job::new(Key::Listed("j".to_owned()));
        job.kind = "mirror".to_owned();
        job.turn(status.to_owned());
        assert_eq!(allowed(&job), want, "{status}");
    }
    for (status, want) in [
        ("setup", &[Cancel][..]),
        ("active", &[Cancel]),
        ("pre-switchover", &[Complete, Cancel]),
        ("postcopy-active", &[Pause]),
        ("postcopy-paused", &[]),
        ("cancelling", &[]),
    ] {
        let mut job = Job::new(Key::Migration);
        job.turn(status.to_owned());
        assert_eq!(allowed(&job), want, "{status}");
    }
    let mut backup = Job::new(Key::Listed("j".to_owned()));
    backup.turn("ready".to_owned());
    assert!(!backup.allows(KeepCopy));
}

#[test]
fn a_verb_is_a_command_whatever_the_job_is_called() {
    let job = Job::new(Key::Listed("a\"b\\\n".to_owned()));
    assert_eq!(
        job.line(Verb::Cancel, true),
        line("job-cancel", Some(r#"{"id": "a\"b\\\n"}"#), false)
    );
    let mirror = Job::new(Key::Listed("m".to_owned()));
    assert_eq!(
        mirror.line(Verb::KeepCopy, true),
        line("block-job-cancel", Some(r#"{"device": "m"}"#), false)
    );
    let migration = Job::new(Key::Migration);
    for (verb, want) in [
        (Verb::Pause, line("migrate-pause", None, true)),
        (Verb::Cancel, line("migrate_cancel", None, false)),
        (
            Verb::Complete,
            line("migrate-continue", Some(r#"{"state": "pre-switchover"}"#), false),
        ),
    ] {
        assert_eq!(migration.line(verb, true), want);
    }
}

#[test]
fn a_question_that_is_void_is_taken_back() {
    let mut jobs = Jobs::default();
    status(&mut jobs, "running");
    jobs.change(&Key::Listed("j".to_owned()), |job| job.asks = Some(Verb::Cancel));
    status(&mut jobs, "paused");
    assert!(jobs.iter().next().unwrap().asks.is_some());
    status(&mut jobs, "aborting");
    assert!(jobs.iter().next().unwrap().asks.is_none());
}

#[test]
fn old_ends_are_forgotten() {
    let mut jobs = Jobs::default();
    for _ in 0..MAX_ENDED + 2 {
        status(&mut jobs, "running");
        status(&mut jobs, "null");
    }
    assert_eq!(jobs.ended().count(), MAX_ENDED);
    assert_eq!(jobs.ended().next().unwrap().number, MAX_ENDED as u64 + 2);
}

#[test]
fn time_left_is_in_words() {
    for (seconds, want) in [
        (0, "1 s left"),
        (59, "59 s left"),
        (61, "1 min 1 s left"),
        (700, "11 min left"),
        (3660, "1 h 1 min left"),
        (200_000, "2 days left"),
    ] {
        assert_eq!(time_left(seconds), want);
    }
}

fn allowed(job: &Job) -> Vec<Verb> {
    Verb::ALL.into_iter().filter(|verb| job.allows(*verb)).collect()
}

fn ends(jobs: &Jobs) -> Vec<(&str, &str, End)> {
    jobs.ended()
        .map(|ended| (ended.name.as_str(), ended.kind.as_str(), ended.how.clone()))
        .collect()
}

fn status(jobs: &mut Jobs, status: &str) {
    happen(
        jobs,
        "JOB_STATUS_CHANGE",
        &format!(r#"{{"id": "j", "status": "{status}"}}"#),
    );
}

fn happen(jobs: &mut Jobs, name: &str, data: &str) {
    assert!(jobs.happened(&event(name, data)));
}

fn event(name: &str, data: &str) -> Event {
    Event {
        timestamp: None,
        name: name.to_owned(),
        data: Json::parse(data).ok(),
    }
}

fn list(jobs: &mut Jobs, now: f64, listed: &str, block: &str) {
    let asked = jobs.ask().unwrap();
    let block = all(read(block), BlockJob::read).unwrap();
    assert!(jobs.listed(asked, now, all(read(listed), Listed::read).unwrap(), &block));
    jobs.answered();
}

fn read(json: &str) -> JsonRef<'_> {
    JsonRef::parse(json).unwrap()
}

fn migrate(jobs: &mut Jobs, now: f64, reply: &str) -> bool {
    let asked = jobs.ask().unwrap();
    let ended = jobs.migrated(asked, now, Migration::read(read(reply)));
    jobs.answered();
    ended
}

fn running(done: u64, total: u64) -> String {
    format!(
        r#"[{{"id": "j", "type": "mirror", "status": "running", "current-progress": {done}, "total-progress": {total}}}]"#
    )
}

fn active(transferred: u64, remaining: u64) -> String {
    format!(
        r#"{{"status": "active", "ram": {{"transferred": {transferred}, "remaining": {remaining}, "total": 100, "mbps": 0.5}}}}"#
    )
}

fn line(name: &str, arguments: Option<&str>, oob: bool) -> crate::console::line::Line {
    crate::console::line::Line {
        name: name.to_owned(),
        arguments: arguments.map(str::to_owned),
        oob,
    }
}
