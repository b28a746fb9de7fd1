//! `[alarm]`: where alarms are sent.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use hyper::Uri;

use crate::document::{Faults, Table};
use crate::pii::Pii;

/// Where alarms are sent.
#[derive(Clone, Debug, Default)]
pub struct Alarm {
    /// The URL that takes them; none: they are only shown and kept.
    pub webhook: Option<Uri>,
    /// The file of the key that they are signed with.
    pub secret_file: Option<PathBuf>,
}

impl Alarm {
    pub(super) fn read(table: Option<Table<'_>>, folder: &Path, faults: &mut Faults) -> Self {
        let Some(table) = table else { return Self::default() };
        table.unknown_keys(&["webhook", "secret_file"], faults);
        let expected = "a URL such as \"https://example.org/alarms\"";
        let webhook = table.optional_parsed("webhook", expected, address, faults);
        let secret_file = table.optional_str("secret_file", faults).map(|file| folder.join(file));
        Self { webhook, secret_file }
    }

    /// The key that alarms are signed with: the first line of its file.
    ///
    /// # Errors
    /// What is wrong with the file; also that everybody may read it.
    pub fn secret(&self) -> Result<Option<Pii<String>>, String> {
        let Some(file) = &self.secret_file else { return Ok(None) };
        let secret = read_secret(file);
        secret
            .map(Some)
            .map_err(|why| format!("{} (secret_file in [alarm]): {why}", file.display()))
    }
}

fn address(text: &str) -> Result<Uri, String> {
    let uri: Uri = text.parse().map_err(|error| format!("{error}"))?;
    match (uri.scheme_str(), uri.host()) {
        (Some("http" | "https"), Some(_)) => Ok(uri),
        (Some(_), Some(_)) => Err("only http and https".to_owned()),
        (_, _) => Err("it has no http:// or https:// and host".to_owned()),
    }
}

/// The first line of a file that nobody else may read.
fn read_secret(file: &Path) -> Result<Pii<String>, String> {
    let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
    let mode = file.metadata().map_err(|error| error.to_string())?.permissions().mode();
    if mode & 0o007 != 0 {
        return Err(format!("everybody may read it (mode {:04o}); chmod 600", mode & 0o7777));
    }
    match text.lines().next().map(str::trim) {
        Some(secret) if !secret.is_empty() => Ok(Pii::new(secret.to_owned())),
        Some(_) | None => Err("it is empty; expected the secret in its first line".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_everybody_may_read_is_refused() {
        let file = std::env::temp_dir().join(format!("aftercall-secret-{}", std::process::id()));
        std::fs::write(&file, "key\n").unwrap();
        let alarm = Alarm {
            webhook: None,
            secret_file: Some(file.clone()),
        };
        let mode = |mode| std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        mode(0o644);
        assert!(alarm.secret().unwrap_err().contains("chmod 600"));
        mode(0o640);
        assert_eq!(alarm.secret().unwrap().unwrap().reveal(), "key");
        std::fs::write(&file, "\n").unwrap();
        assert!(alarm.secret().unwrap_err().contains("empty"));
        std::fs::remove_file(&file).unwrap();
        assert!(alarm.secret().is_err());
    }

    #[test]
    fn a_webhook_is_an_address_of_the_web() {
        assert!(address("https://example.org/alarms").is_ok() && address("http://10.0.0.1:9000").is_ok());
        for text in ["ftp://example.org", "example.org/alarms", "/alarms", "https://", ""] {
            assert!(address(text).is_err(), "{text}");
        }
    }
}
