//! Memory that QEMU writes a screen into, as a file without a name. What is in it is not known here.

#[cfg(target_os = "linux")]
pub(super) use linux::Canvas;
#[cfg(not(target_os = "linux"))]
pub(super) use other::Canvas;

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::{File, OpenOptions};
    use std::io;
    use std::os::fd::{AsRawFd, OwnedFd};
    use std::os::unix::fs::FileExt;

    use rustix::fs::{MemfdFlags, SeekFrom, ftruncate, memfd_create, seek};

    /// The memory, and the descriptor whose position is QEMU's too.
    #[derive(Debug)]
    pub(in crate::screen) struct Canvas {
        memory: File,
        written: File,
    }

    impl Canvas {
        /// A canvas, and the descriptor to give away. QEMU takes only one that cannot be read.
        pub(in crate::screen) fn new() -> io::Result<(Self, OwnedFd)> {
            let memory = memfd_create("qmp-screen", MemfdFlags::CLOEXEC)?;
            let written = OpenOptions::new()
                .write(true)
                .open(format!("/proc/self/fd/{}", memory.as_raw_fd()))?;
            let shared = written.try_clone()?.into();
            let memory = memory.into();
            Ok((Self { memory, written }, shared))
        }

        /// Lets go of what was written; the next write is at the beginning.
        pub(in crate::screen) fn clear(&self) -> io::Result<()> {
            ftruncate(&self.memory, 0)?;
            seek(&self.written, SeekFrom::Start(0))?;
            Ok(())
        }

        /// How much was written.
        pub(in crate::screen) fn len(&self) -> io::Result<u64> {
            Ok(self.memory.metadata()?.len())
        }

        /// Reads from the beginning.
        pub(in crate::screen) fn read(&self, bytes: &mut [u8]) -> io::Result<()> {
            self.memory.read_exact_at(bytes, 0)
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod other {
    use std::io;
    use std::os::fd::OwnedFd;

    /// Elsewhere there is no file without a name that can be opened a second time, for writing only.
    #[derive(Debug)]
    pub(in crate::screen) enum Canvas {}

    impl Canvas {
        pub(in crate::screen) fn new() -> io::Result<(Self, OwnedFd)> {
            Err(io::ErrorKind::Unsupported.into())
        }

        pub(in crate::screen) fn clear(&self) -> io::Result<()> {
            match *self {}
        }

        pub(in crate::screen) fn len(&self) -> io::Result<u64> {
            match *self {}
        }

        pub(in crate::screen) fn read(&self, _: &mut [u8]) -> io::Result<()> {
            match *self {}
        }
    }
}
