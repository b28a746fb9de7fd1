//! The ZIP: what lies in it, and the sums that are signed.

use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::ladder::{Rung, Side};
use super::{Error, Seal, page};

/// A table of the page that people read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// Its heading, Chinese and English in one line.
    pub heading: String,
    /// What stands over the columns; empty: none.
    pub columns: Vec<String>,
    /// The rows; every cell is text, never markup.
    pub rows: Vec<Vec<String>>,
}

/// All that is known of one call. Names and numbers are masked before they come here.
#[derive(Clone, Debug, Default)]
pub struct Bundle {
    /// What the call is called, as `call-17`.
    pub name: String,
    /// One sentence in Chinese and one in English: how the call ended and why we say so.
    pub sentences: Vec<String>,
    /// What people read, table by table.
    pub sections: Vec<Section>,
    /// The signalling.
    pub ladder: Vec<Rung>,
    /// The same for programs, a file each: `call.json`, `reviews.json` …
    pub data: Vec<(String, Value)>,
    /// The recording; none: there is none, and a section says why.
    pub recording: Option<PathBuf>,
    /// SHA-256 of the recording as it was written down when the call ended.
    pub recording_sha256: Option<String>,
}

pub(super) const RECORDING: &str = "recording.wav";
pub(super) const SUMS: &str = "SHA256SUMS";
pub(super) const SIGNATURE: &str = "SHA256SUMS.sig";
pub(super) const PUBLIC: &str = "public.pem";

/// Writes a bundle; gives the SHA-256 of its list of sums, by which the audit log knows it.
pub fn write(bundle: &Bundle, seal: &Seal, to: impl Write + Seek, file: &Path) -> Result<String, Error> {
    let mut writer = Writer {
        zip: ZipWriter::new(to),
        sums: String::new(),
        file,
    };
    writer.text("index.html", &page::html(bundle, &seal.fingerprint()))?;
    writer.text("VERIFY.txt", &how_to_verify(&seal.fingerprint()))?;
    if !bundle.ladder.is_empty() {
        writer.text("ladder.txt", &ladder_text(&bundle.ladder))?;
    }
    for (name, value) in &bundle.data {
        let text = serde_json::to_string_pretty(value).unwrap_or_default();
        writer.text(name, &text)?;
    }
    if let Some(recording) = &bundle.recording {
        writer.copy(RECORDING, recording)?;
    }
    let sums = std::mem::take(&mut writer.sums);
    writer.put(PUBLIC, seal.public_pem().as_bytes())?;
    writer.put(SIGNATURE, &seal.sign(sums.as_bytes()))?;
    writer.put(SUMS, sums.as_bytes())?;
    writer.zip.finish().map_err(|source| Error::Zip {
        file: file.to_owned(),
        source,
    })?;
    Ok(hex(&Sha256::digest(sums.as_bytes())))
}

struct Writer<'f, W: Write + Seek> {
    zip: ZipWriter<W>,
    sums: String,
    file: &'f Path,
}

impl<W: Write + Seek> Writer<'_, W> {
    fn text(&mut self, name: &str, text: &str) -> Result<(), Error> {
        self.put(name, text.as_bytes())?;
        self.sum(name, &hex(&Sha256::digest(text)));
        Ok(())
    }

    fn sum(&mut self, name: &str, sum: &str) {
        self.sums.push_str(&format!("{sum}  {name}\n"));
    }

    fn begin(&mut self, name: &str, method: CompressionMethod) -> Result<(), Error> {
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .unix_permissions(0o600);
        self.zip.start_file(name, options).map_err(|source| Error::Zip {
            file: self.file.to_owned(),
            source,
        })
    }

    fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        self.begin(name, CompressionMethod::Deflated)?;
        self.zip.write_all(bytes).map_err(|source| self.failed(source))
    }

    /// A recording may be long: it is copied in pieces, and stored as it is, for it hardly shrinks.
    fn copy(&mut self, name: &str, from: &Path) -> Result<(), Error> {
        let unread = |source| Error::File {
            file: from.to_owned(),
            source,
        };
        let mut source = std::fs::File::open(from).map_err(unread)?;
        self.begin(name, CompressionMethod::Stored)?;
        let (mut digest, mut piece) = (Sha256::new(), vec![0; 64 * 1024]);
        loop {
            let many = source.read(&mut piece).map_err(unread)?;
            let Some(read) = piece.get(..many).filter(|read| !read.is_empty()) else {
                break;
            };
            digest.update(read);
            self.zip.write_all(read).map_err(|source| self.failed(source))?;
        }
        self.sum(name, &hex(&digest.finalize()));
        Ok(())
    }

    fn failed(&self, source: std::io::Error) -> Error {
        Error::File {
            file: self.file.to_owned(),
            source,
        }
    }
}

pub(super) fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// The commands that verify it, without anything of ours.
pub(super) const COMMANDS: [&str; 2] = [
    "openssl pkeyutl -verify -pubin -inkey public.pem -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig",
    "sha256sum -c SHA256SUMS",
];

fn how_to_verify(fingerprint: &str) -> String {
    format!(
        "怎样核验这份证据（无需联网，无需本软件）\n\
         1. 把压缩包解开，在该文件夹中执行下面两条命令（Linux、macOS，或 Windows 的 Git Bash）：\n\
         \n    {}\n    {}\n\n\
         2. 第一条应显示 “Signature Verified Successfully”，第二条每行都应以 “OK” 结尾。任何改动都会使其中一条失败。\n\
         3. public.pem 的指纹应与医院公布的一致：\n    {fingerprint}\n   （SHA-256，openssl pkey -pubin -in public.pem -outform DER | sha256sum）\n\
         装有本软件时，一条命令即可：aftercall verify 证据包.zip\n\n\
         How to verify this evidence (offline, without our software)\n\
         1. Unpack the archive and run the two commands above in its folder.\n\
         2. The first must say \"Signature Verified Successfully\", every line of the second must end in \"OK\". Any change makes one of them fail.\n\
         3. The fingerprint of public.pem must be the one that the hospital has published; it is printed above.\n\
         With our software one command does it all: aftercall verify BUNDLE.zip\n",
        COMMANDS[0], COMMANDS[1]
    )
}

pub(super) fn ladder_text(ladder: &[Rung]) -> String {
    let mut text = "      ms   Aftercall                                  trunk\n".to_owned();
    for rung in ladder {
        let at = rung.at_ms.map_or_else(|| "-".to_owned(), |at| at.to_string());
        let arrow = match rung.from {
            Side::Us => format!("|-- {} ", rung.text),
            Side::Trunk => format!("|<- {} ", rung.text),
        };
        let end = match rung.from {
            Side::Us => "->|",
            Side::Trunk => "--|",
        };
        text.push_str(&format!("{at:>8}   {arrow:-<40}{end}\n"));
    }
    text
}
