//! A client of the machine inside the bridge, which has QEMU dump the screen into a canvas.
//!
//! The canvas is given to QEMU once, not for each dump: `remove-fd` does not always let go of a descriptor at once (QEMU
//! 7.2 waits until the machine runs). And the format is PPM: after `format=png` QEMU (7.2, 10.0) never lets go.

use std::os::fd::OwnedFd;
use std::sync::Arc;

use qmp_proto::{Request, Ticket};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::task::spawn_blocking;
use tokio::time::{Duration, Instant, sleep_until};

use super::ScreenError;
use super::canvas::Canvas;
use super::picture::Picture;
use crate::monitor::{Attachment, Monitor, ToPeer};

/// A place at a machine, with a canvas that its QEMU can write.
pub(super) struct Place {
    attachment: Attachment,
    canvas: Arc<Canvas>,
    fdset: i64,
    used: Instant,
}

/// Why a place is of no use any more.
pub(super) enum Left {
    Gone,
    Idle,
}

impl Place {
    pub(super) async fn take(monitor: &Monitor, mark: &str) -> Result<Self, ScreenError> {
        let (canvas, shared) = Canvas::new().map_err(system)?;
        let mut attachment = monitor.attach_unlimited(MAX_WAITING);
        // Where QEMU has another monitor, what was given by a connection outlives it.
        let left: Vec<FdSet> = call(&mut attachment, "query-fdsets", json!({}), None).await?;
        for set in left {
            if set.fds.iter().any(|fd| fd.opaque.as_deref() == Some(mark)) {
                remove(&mut attachment, set.fdset_id).await?;
            }
        }
        let added: Added = call(&mut attachment, "add-fd", json!({ "opaque": mark }), Some(shared)).await?;
        Ok(Self {
            attachment,
            canvas: Arc::new(canvas),
            fdset: added.fdset_id,
            used: Instant::now(),
        })
    }

    /// Takes a picture, or finds that the last one still shows what there is.
    pub(super) async fn dump(&mut self, last: Option<Arc<Picture>>) -> Result<Arc<Picture>, ScreenError> {
        self.used = Instant::now();
        self.canvas.clear().map_err(system)?;
        let arguments = json!({ "filename": format!("/dev/fdset/{}", self.fdset) });
        let _: Value = call(&mut self.attachment, "screendump", arguments, None).await?;
        let canvas = self.canvas.clone();
        let picture = spawn_blocking(move || Picture::read(&canvas, last));
        picture.await.map_err(|error| system(error.into()))?
    }

    /// Waits until a place, if there is one, is of no use. May be given up and called again.
    pub(super) async fn wait(place: &mut Option<Self>) -> Left {
        let Some(place) = place else {
            return std::future::pending().await;
        };
        loop {
            tokio::select! {
                said = place.attachment.next() => if !matches!(said, Some(ToPeer::Event(_))) {
                    return Left::Gone;
                },
                () = sleep_until(place.used + IDLE) => return Left::Idle,
            }
        }
    }

    /// Gives up the place, so that QEMU lets go of the canvas.
    pub(super) async fn leave(mut self) {
        if let Err(error) = remove(&mut self.attachment, self.fdset).await {
            tracing::debug!(%error, "the machine keeps the memory of its screen");
        }
    }
}

async fn remove(attachment: &mut Attachment, fdset: i64) -> Result<(), ScreenError> {
    let removed: Result<Value, _> = call(attachment, "remove-fd", json!({ "fdset-id": fdset }), None).await;
    removed.map(drop)
}

/// Executes a command, the only one at this place, and waits for its reply.
async fn call<T: for<'de> Deserialize<'de>>(
    attachment: &mut Attachment,
    name: &str,
    arguments: Value,
    fd: Option<OwnedFd>,
) -> Result<T, ScreenError> {
    let request = Request {
        ticket: Ticket::new(0),
        name: name.to_owned(),
        arguments: Some(arguments.to_string()),
        oob: false,
    };
    match fd {
        Some(fd) => attachment.execute_with_fd(request, fd),
        None => attachment.execute(request),
    }
    loop {
        match attachment.next().await {
            Some(ToPeer::Event(_)) => {}
            Some(ToPeer::Gone) | None => return Err(ScreenError::Down),
            Some(ToPeer::Reply { reply, .. }) => {
                return match &*reply {
                    Ok(value) => serde_json::from_str(value.as_str())
                        .map_err(|error| ScreenError::Refused(format!("{name}: {error}"))),
                    Err(error) if NO_SCREEN.contains(&error.desc.as_str()) => {
                        Err(ScreenError::NoScreen(error.desc.clone()))
                    }
                    Err(error) => Err(ScreenError::Refused(format!("{name}: {}", error.desc))),
                };
            }
        }
    }
}

fn system(error: std::io::Error) -> ScreenError {
    ScreenError::System(error.to_string())
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Added {
    fdset_id: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct FdSet {
    fdset_id: i64,
    fds: Vec<Fd>,
}

#[derive(Deserialize)]
struct Fd {
    opaque: Option<String>,
}

/// What QEMU says of a machine without a display (`qmp_screendump` in its `ui/`).
const NO_SCREEN: [&str; 2] = ["There is no console to take a screendump from", "no surface"];
/// How long QEMU keeps the canvas when nobody looks.
const IDLE: Duration = Duration::from_secs(10);
/// Bytes of events that may wait here while a picture is looked at. Those that come on top go to nobody.
const MAX_WAITING: usize = 64 << 10;
