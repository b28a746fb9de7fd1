//! Secrets: in the settings, in a file of their own, or as a credential of systemd; refused where others can read them.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::document::{Faults, Table};
use crate::pii::Pii;

/// A secret is one line, no longer than this many bytes.
const BYTES: usize = 4096;

/// What a secret is called that systemd hands over (LoadCredential=NAME:FILE).
const CREDENTIAL: &str = "credential:";

/// What stands around the settings: who can read them, and what systemd hands over.
#[derive(Clone, Debug, Default)]
pub(super) struct Surroundings {
    /// The settings file and its mode, when its group or others can read it.
    pub(super) exposed: Option<(PathBuf, u32)>,
    /// `$CREDENTIALS_DIRECTORY`.
    pub(super) credentials: Option<PathBuf>,
}

impl Surroundings {
    /// Those of this process and this settings file.
    pub(super) fn of(file: &Path) -> Self {
        Self {
            exposed: mode_for_others(file).map(|mode| (file.to_owned(), mode)),
            credentials: std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from),
        }
    }
}

/// The mode of a file that its group or others can read or write; none of one that is its owner's alone, or is not there.
fn mode_for_others(file: &Path) -> Option<u32> {
    let mode = file.metadata().ok()?.permissions().mode() & 0o7777;
    (mode & 0o077 != 0).then_some(mode)
}

/// A password as the settings give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Secret {
    /// There is none.
    None,
    /// It stands in the settings.
    Inline(Pii<String>),
    /// It stands in a file of its own, or came as a credential.
    Apart(Pii<String>),
    /// A credential of this name, which only the service has.
    Credential(String),
}

impl Secret {
    /// Reads `password` or `password_file`.
    pub(super) fn read(table: &Table<'_>, folder: &Path, around: &Surroundings, faults: &mut Faults) -> Self {
        let inline = table.optional_parsed("password", "one line", line, faults);
        let apart = table.optional_str("password_file", faults);
        if let (true, true) = (table.has("password"), table.has("password_file")) {
            let message = "`password` and `password_file` both stand here: expected one of them";
            faults.error(table.place_of("password"), message);
            return Self::None;
        }
        if let (Some(password), Some((file, mode))) = (&inline, &around.exposed) {
            let shown = file.display();
            faults.error(
                table.place_of("password"),
                format!("a password stands here and others can read this file (mode {mode:04o}): chmod 600 {shown}"),
            );
            return Self::Inline(password.clone());
        }
        let Some(apart) = apart else {
            return inline.map_or(Self::None, Self::Inline);
        };
        let read = match apart.strip_prefix(CREDENTIAL) {
            Some(name) if name.is_empty() || name.contains('/') || name.starts_with('.') => {
                Err(format!("`{CREDENTIAL}` is followed by a name without a slash"))
            }
            Some(name) => match &around.credentials {
                Some(folder) => read_line(&folder.join(name)),
                None => return Self::Credential(name.to_owned()),
            },
            None => private(&folder.join(apart)).and_then(|file| read_line(&file)),
        };
        match read {
            Ok(secret) => Self::Apart(secret),
            Err(why) => {
                faults.error(table.place_of("password_file"), why);
                Self::None
            }
        }
    }

    /// The password, where it is known.
    pub fn revealed(&self) -> Option<&Pii<String>> {
        match self {
            Self::Inline(password) | Self::Apart(password) => Some(password),
            Self::None | Self::Credential(_) => None,
        }
    }
}

fn line(text: &str) -> Result<Pii<String>, &'static str> {
    if text.chars().any(char::is_control) {
        Err("a control character cannot stand there")
    } else {
        Ok(Pii::new(text.to_owned()))
    }
}

fn private(file: &Path) -> Result<PathBuf, String> {
    match mode_for_others(file) {
        Some(mode) => {
            let shown = file.display();
            Err(format!(
                "others can read the password file (mode {mode:04o}): chmod 600 {shown}"
            ))
        }
        None => Ok(file.to_owned()),
    }
}

/// The one line of a file. What it says is in no message.
fn read_line(file: &Path) -> Result<Pii<String>, String> {
    let shown = file.display();
    let text =
        std::fs::read_to_string(file).map_err(|error| format!("cannot read the password from {shown}: {error}"))?;
    let secret = text.strip_suffix('\n').unwrap_or(&text);
    let secret = secret.strip_suffix('\r').unwrap_or(secret);
    if secret.is_empty() || secret.len() > BYTES || secret.chars().any(char::is_control) {
        return Err(format!(
            "{shown} is no password: expected one line of at most {BYTES} bytes"
        ));
    }
    Ok(Pii::new(secret.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};

    use super::*;
    use crate::document::Document;

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("aftercall-secret-{name}-{}", std::process::id()));
            fs::create_dir_all(&folder).unwrap();
            Self(folder)
        }

        fn write(&self, name: &str, text: &str, mode: u32) {
            let file = self.0.join(name);
            fs::write(&file, text).unwrap();
            fs::set_permissions(file, Permissions::from_mode(mode)).unwrap();
        }

        fn read(&self, text: &str, around: &Surroundings) -> (Secret, Vec<String>) {
            let (document, mut faults) = Document::parse(text);
            let secret = Secret::read(&document.root(), &self.0, around, &mut faults);
            let faults = faults.into_sorted();
            (secret, faults.iter().map(ToString::to_string).collect())
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            drop(fs::remove_dir_all(&self.0));
        }
    }

    #[test]
    fn a_password_in_a_private_file_is_read_without_its_line_end() {
        let folder = Folder::new("file");
        folder.write("trunk.secret", "geheim 1\r\n", 0o600);
        let (secret, faults) = folder.read("password_file = \"trunk.secret\"", &Surroundings::default());
        assert_eq!(
            (secret.revealed().map(|secret| secret.reveal().as_str()), faults),
            (Some("geheim 1"), vec![])
        );
        assert!(!format!("{secret:?}").contains("geheim"), "{secret:?}");
    }

    #[test]
    fn a_password_that_others_can_read_is_refused_with_what_to_do() {
        let folder = Folder::new("exposed");
        folder.write("trunk.secret", "geheim", 0o640);
        let (_, faults) = folder.read("password_file = \"trunk.secret\"", &Surroundings::default());
        assert!(
            faults[0].contains("(mode 0640): chmod 600 ") && !faults[0].contains("geheim"),
            "{faults:?}"
        );
        let around = Surroundings {
            exposed: Some(("/etc/aftercall/aftercall.toml".into(), 0o644)),
            credentials: None,
        };
        let (_, faults) = folder.read("password = \"geheim\"", &around);
        assert!(
            faults[0].contains("chmod 600 /etc/aftercall/aftercall.toml"),
            "{faults:?}"
        );
        assert!(!faults[0].contains("geheim"), "{faults:?}");
        let (_, faults) = folder.read("user = \"somebody\"", &around);
        assert!(
            faults.is_empty(),
            "without a password anybody may read the settings: {faults:?}"
        );
    }

    #[test]
    fn a_credential_is_read_where_systemd_put_it_and_only_named_elsewhere() {
        let folder = Folder::new("credential");
        folder.write("main", "geheim\n", 0o440);
        let text = "password_file = \"credential:main\"";
        let around = Surroundings {
            exposed: None,
            credentials: Some(folder.0.clone()),
        };
        let (secret, faults) = folder.read(text, &around);
        assert_eq!(
            (secret.revealed().map(|secret| secret.reveal().as_str()), faults),
            (Some("geheim"), vec![])
        );
        let (secret, faults) = folder.read(text, &Surroundings::default());
        assert_eq!((secret, faults), (Secret::Credential("main".to_owned()), vec![]));
        let (_, faults) = folder.read("password_file = \"credential:../main\"", &around);
        assert!(faults[0].contains("without a slash"), "{faults:?}");
    }

    #[test]
    fn what_is_no_password_is_refused_without_being_shown() {
        let folder = Folder::new("wrong");
        for text in ["", "\n", "ge\nheim\n", "ge\u{7}heim"] {
            folder.write("trunk.secret", text, 0o600);
            let (_, faults) = folder.read("password_file = \"trunk.secret\"", &Surroundings::default());
            assert!(
                faults[0].contains("expected one line") && !faults[0].contains("heim"),
                "{faults:?}"
            );
        }
        let (_, faults) = folder.read("password_file = \"absent\"", &Surroundings::default());
        assert!(faults[0].contains("cannot read the password from"), "{faults:?}");
        let (_, faults) = folder.read("password = \"a\"\npassword_file = \"b\"", &Surroundings::default());
        assert!(faults[0].contains("both stand here"), "{faults:?}");
    }
}
