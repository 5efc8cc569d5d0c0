//! What is still to be written to a monitor: whole messages in their order, out-of-band ones first, some with a file
//! descriptor. Which message goes when is decided elsewhere.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};

use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use tokio::io::{AsyncWrite, AsyncWriteExt, Interest};
use tokio::net::unix;

/// The writing end of a connection to a monitor.
pub(crate) enum WriteHalf {
    /// A unix socket, which alone can pass file descriptors.
    Unix(unix::OwnedWriteHalf),
    /// Any other stream.
    Bytes(Box<dyn AsyncWrite + Send + Unpin>),
}

/// Messages that wait for a monitor to read them.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    /// What is partly written; nothing may come in between.
    head: Option<Item>,
    /// How much of the head is written.
    written: usize,
    out_of_band: VecDeque<Item>,
    in_band: VecDeque<Item>,
    bytes: usize,
}

#[derive(Debug)]
struct Item {
    /// With its line end.
    message: String,
    fd: Option<OwnedFd>,
}

impl Writer {
    /// Puts a message behind all others. A descriptor goes along with its first byte; it is closed here as soon as it is
    /// sent, or when it never will be.
    pub(crate) fn push(&mut self, message: String, fd: Option<OwnedFd>) {
        let item = self.item(message, fd);
        self.in_band.push_back(item);
    }

    /// Puts an out-of-band message before those in band, but behind earlier ones of its kind and behind a message that is
    /// partly written.
    pub(crate) fn push_front(&mut self, message: String) {
        let item = self.item(message, None);
        self.out_of_band.push_back(item);
    }

    /// Writes some of what waits, as much as the stream takes at once. To give this up is to have written nothing. Where
    /// nothing waits, it never ends.
    ///
    /// # Errors
    /// The stream cannot be written to. A descriptor is [`Unsupported`](io::ErrorKind::Unsupported) where there is no unix
    /// socket.
    pub(crate) async fn write_some(&mut self, stream: &mut WriteHalf) -> io::Result<()> {
        let Some(first) = self.waiting().next() else {
            return std::future::pending().await;
        };
        let length = match (&first.fd, &mut *stream) {
            (Some(fd), WriteHalf::Unix(socket)) => send_with_fd(socket, &first.message, fd).await?,
            (Some(_), WriteHalf::Bytes(_)) => return Err(io::ErrorKind::Unsupported.into()),
            (None, stream) => {
                let mut slices = [IoSlice::new(&[]); MAX_SLICES];
                let mut count = 0;
                for (slice, item) in slices
                    .iter_mut()
                    .zip(self.waiting().take_while(|item| item.fd.is_none()))
                {
                    let skip = if count == 0 { self.written } else { 0 };
                    *slice = IoSlice::new(&item.message.as_bytes()[skip..]);
                    count += 1;
                }
                match stream {
                    WriteHalf::Unix(socket) => socket.write_vectored(&slices[..count]).await?,
                    WriteHalf::Bytes(stream) => stream.write_vectored(&slices[..count]).await?,
                }
            }
        };
        if length == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        self.advance(length);
        Ok(())
    }

    /// How many bytes wait.
    pub(crate) fn len(&self) -> usize {
        self.bytes
    }

    fn item(&mut self, mut message: String, fd: Option<OwnedFd>) -> Item {
        message.push('\n');
        self.bytes += message.len();
        Item { message, fd }
    }

    /// All that waits, in its order.
    fn waiting(&self) -> impl Iterator<Item = &Item> {
        self.head.iter().chain(&self.out_of_band).chain(&self.in_band)
    }

    /// So many bytes are written.
    fn advance(&mut self, length: usize) {
        self.bytes -= length;
        self.written += length;
        while self.written > 0 {
            let urgent = self.head.take().or_else(|| self.out_of_band.pop_front());
            let Some(mut item) = urgent.or_else(|| self.in_band.pop_front()) else {
                return;
            };
            match self.written.checked_sub(item.message.len()) {
                Some(rest) => self.written = rest,
                None => {
                    // A descriptor goes with the first byte.
                    item.fd = None;
                    self.head = Some(item);
                    return;
                }
            }
        }
    }
}

async fn send_with_fd(socket: &unix::OwnedWriteHalf, message: &str, fd: &OwnedFd) -> io::Result<usize> {
    let (socket, fds) = (socket.as_ref(), [fd.as_fd()]);
    let send = || {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        if !control.push(SendAncillaryMessage::ScmRights(&fds)) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let bytes = [IoSlice::new(message.as_bytes())];
        Ok(sendmsg(socket, &bytes, &mut control, SendFlags::empty())?)
    };
    socket.async_io(Interest::WRITABLE, send).await
}

/// Messages in one write. Commands are short, and QEMU reads 4 KiB at once.
const MAX_SLICES: usize = 16;

#[cfg(test)]
mod tests {
    use std::io::Read;

    use futures_util::FutureExt;
    use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};
    use tokio::io::{AsyncReadExt, DuplexStream};
    use tokio::net::UnixStream;

    use super::*;

    fn pipe(buffer: usize) -> (WriteHalf, DuplexStream) {
        let (ours, theirs) = tokio::io::duplex(buffer);
        (WriteHalf::Bytes(Box::new(ours)), theirs)
    }

    async fn read(stream: &mut DuplexStream, length: usize) -> String {
        let mut bytes = vec![0; length];
        stream.read_exact(&mut bytes).await.unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[tokio::test]
    async fn messages_are_written_whole_and_out_of_band_ones_first() {
        let (mut stream, mut peer) = pipe(4);
        let mut writer = Writer::default();
        writer.push("in-1".to_owned(), None);
        writer.push("in-2".to_owned(), None);
        writer.write_some(&mut stream).await.unwrap();
        writer.push_front("oob-1".to_owned());
        writer.push_front("oob-2".to_owned());
        assert_eq!(writer.len(), 1 + 5 + 6 + 6);
        let mut written = read(&mut peer, 4).await;
        while writer.len() > 0 {
            let before = writer.len();
            writer.write_some(&mut stream).await.unwrap();
            written += &read(&mut peer, before - writer.len()).await;
        }
        assert_eq!(written, "in-1\noob-1\noob-2\nin-2\n");
    }

    #[tokio::test]
    async fn a_write_that_is_given_up_has_written_nothing() {
        let (mut stream, mut peer) = pipe(3);
        let mut writer = Writer::default();
        assert!(writer.write_some(&mut stream).now_or_never().is_none());
        writer.push("abc".to_owned(), None);
        writer.write_some(&mut stream).await.unwrap();
        assert!(writer.write_some(&mut stream).now_or_never().is_none());
        assert_eq!((writer.len(), read(&mut peer, 3).await.as_str()), (1, "abc"));
        writer.write_some(&mut stream).await.unwrap();
        assert_eq!((writer.len(), read(&mut peer, 1).await.as_str()), (0, "\n"));
    }

    #[tokio::test]
    async fn a_descriptor_arrives_with_its_own_message_and_is_closed_here() {
        let (ours, peer) = UnixStream::pair().unwrap();
        let mut stream = WriteHalf::Unix(ours.into_split().1);
        let mut writer = Writer::default();
        let (mut read_end, write_end) = io::pipe().unwrap();
        writer.push("before".to_owned(), None);
        writer.push("with".to_owned(), Some(write_end.into()));
        writer.push("behind".to_owned(), None);
        while writer.len() > 0 {
            writer.write_some(&mut stream).await.unwrap();
        }
        let mut arrived = Vec::new();
        let mut text = String::new();
        while text.len() < "before\nwith\nbehind\n".len() {
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
            let mut control = RecvAncillaryBuffer::new(&mut space);
            let mut bytes = [0; 7];
            let mut slices = [io::IoSliceMut::new(&mut bytes)];
            let received = recvmsg(&peer, &mut slices, &mut control, RecvFlags::empty()).unwrap();
            for message in control.drain() {
                if let RecvAncillaryMessage::ScmRights(fds) = message {
                    arrived.extend(fds.map(|fd| (text.clone(), fd)));
                }
            }
            text += std::str::from_utf8(&bytes[..received.bytes]).unwrap();
        }
        assert_eq!(text, "before\nwith\nbehind\n");
        assert_eq!(arrived.len(), 1);
        assert_eq!(arrived[0].0, "before\n");
        // The pipe has no writer left but the one that arrived.
        drop(arrived);
        assert_eq!(read_end.read(&mut [0]).unwrap(), 0);
    }

    #[tokio::test]
    async fn a_descriptor_that_is_never_sent_is_closed() {
        let (mut stream, _peer) = pipe(64);
        let mut writer = Writer::default();
        let (mut read_end, write_end) = io::pipe().unwrap();
        writer.push("with".to_owned(), Some(write_end.into()));
        let error = writer.write_some(&mut stream).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::Unsupported);
        drop(writer);
        assert_eq!(read_end.read(&mut [0]).unwrap(), 0);
    }
}
