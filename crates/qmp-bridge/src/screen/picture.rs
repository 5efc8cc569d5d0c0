//! A picture of a screen: QEMU's PPM in, PNG out. Who asks for it is not known here.

use std::io;
use std::sync::Arc;

use axum::body::Bytes;
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use sha2::{Digest, Sha256};

use super::ScreenError;
use super::canvas::Canvas;

/// A picture as it is sent.
#[derive(Debug)]
pub(crate) struct Picture {
    /// PNG.
    pub(crate) png: Bytes,
    /// Names what is on it, as an entity tag with its quotes.
    pub(crate) etag: String,
}

impl Picture {
    /// Reads what QEMU has written; gives the last picture where that shows the same.
    pub(super) fn read(canvas: &Canvas, last: Option<Arc<Self>>) -> Result<Arc<Self>, ScreenError> {
        let system = |error: io::Error| ScreenError::System(error.to_string());
        let length = canvas.len().map_err(system)?;
        if length > MAX_BYTES {
            return Err(ScreenError::Refused(format!("{length} bytes are too many")));
        }
        let mut ppm = vec![0; length as usize];
        canvas.read(&mut ppm).map_err(system)?;
        canvas.clear().map_err(system)?;
        let size = Size::parse(&ppm)?;
        let etag = format!(
            "\"{}\"",
            BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(&ppm)[..16])
        );
        if let Some(last) = last.filter(|last| last.etag == etag) {
            return Ok(last);
        }
        let png = encode(&size, &ppm[size.head..])
            .map_err(|error| ScreenError::System(error.to_string()))?
            .into();
        Ok(Arc::new(Self { png, etag }))
    }
}

fn encode(size: &Size, pixels: &[u8]) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size.width, size.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(bytes)
}

/// The head of a PPM file: how big the picture is, and where its pixels begin.
#[derive(Debug, PartialEq, Eq)]
struct Size {
    width: u32,
    height: u32,
    head: usize,
}

impl Size {
    /// Reads three lines, as QEMU writes them: `P6`, width and height, 255.
    fn parse(bytes: &[u8]) -> Result<Self, ScreenError> {
        let malformed = || ScreenError::Refused("what it wrote is no PPM file".to_owned());
        let end = bytes
            .windows(5)
            .position(|window| window == b"\n255\n")
            .ok_or_else(malformed)?;
        let head = end + 5;
        let text = str::from_utf8(&bytes[..end]).map_err(|_| malformed())?;
        let lengths = text.strip_prefix("P6\n").and_then(|text| text.split_once(' '));
        let (width, height) = lengths.ok_or_else(malformed)?;
        let length = |word: &str| word.parse().ok().filter(|length| (1..=MAX_SIDE).contains(length));
        let (width, height) = (
            length(width).ok_or_else(malformed)?,
            length(height).ok_or_else(malformed)?,
        );
        let size = Self { width, height, head };
        if head + size.pixels() == bytes.len() {
            Ok(size)
        } else {
            Err(malformed())
        }
    }

    /// Bytes of the pixels.
    const fn pixels(&self) -> usize {
        self.width as usize * self.height as usize * 3
    }
}

/// The longest picture, twice a screen of 7680 × 4320.
const MAX_BYTES: u64 = 192 << 20;
const MAX_SIDE: u32 = 32_767;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_qemu_writes_is_read() {
        let size = |text: &str| Size::parse(text.as_bytes()).ok();
        let expected = Size {
            width: 2,
            height: 1,
            head: 11,
        };
        assert_eq!(size("P6\n2 1\n255\nrgbrgb"), Some(expected));
        for bad in [
            "",
            "P6\n2 1\n255",
            "P6\n2 1\n255\nrgb",
            "P6\n2 1\n255\nrgbrgbr",
            "P5\n2 1\n255\nrgbrgb",
            "P6\n2\n255\nrgbrgb",
            "P6\n0 1\n255\n",
            "P6\n-2 1\n255\nrgbrgb",
            "P6\n99999999999 1\n255\n",
        ] {
            assert_eq!(size(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_picture_has_the_pixels_of_the_screen() {
        let size = Size {
            width: 2,
            height: 1,
            head: 0,
        };
        let pixels = [255, 0, 0, 1, 2, 3];
        let png = encode(&size, &pixels).unwrap();
        let mut reader = png::Decoder::new(io::Cursor::new(png)).read_info().unwrap();
        let mut read = [0; 6];
        let info = reader.next_frame(&mut read).unwrap();
        assert_eq!((info.width, info.height, read), (2, 1, pixels));
    }
}
