//! The certificate of the console: from files that are read again when they change, or one of its own.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use axum_server::tls_rustls::RustlsConfig;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest, Sha256};

use crate::events;

/// The certificate that is made where the settings name none, in the data folder,
pub const CERTIFICATE: &str = "console.crt";
/// and its key.
pub const KEY: &str = "console.key";
/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file.
    #[error("cannot read {path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file holds no certificate, or no key.
    #[error("{path} holds no {what} in PEM form: {why}")]
    NoPem {
        /// Which.
        path: PathBuf,
        /// What was expected.
        what: &'static str,
        /// Why not.
        why: String,
    },
    /// The two do not belong together, or are of a kind that is not known.
    #[error("the certificate {certificate} and the key {key} cannot be used: {why}")]
    Unusable {
        /// The certificate.
        certificate: PathBuf,
        /// The key.
        key: PathBuf,
        /// Why.
        why: String,
    },
    /// None could be made.
    #[error("no certificate can be made: {0}")]
    Unmade(String),
}

/// A certificate in use. Clones share it.
#[derive(Clone)]
pub(super) struct Certificate {
    certificate: PathBuf,
    key: PathBuf,
    config: RustlsConfig,
    known: Arc<Mutex<Known>>,
}

/// Which files are in use.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Known {
    changed: [Option<SystemTime>; 2],
    fingerprint: String,
}

impl Certificate {
    /// From files.
    pub(super) fn load(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let changed = changed(certificate, key);
        let (config, fingerprint) = read(certificate, key)?;
        Ok(Self {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            config: RustlsConfig::from_config(config),
            known: Arc::new(Mutex::new(Known { changed, fingerprint })),
        })
    }

    /// The one of the data folder, made now if it is not there.
    pub(super) fn own(data: &Path, names: Vec<String>) -> Result<Self, TlsError> {
        let (certificate, key) = (data.join(CERTIFICATE), data.join(KEY));
        if !certificate.exists() || !key.exists() {
            let made = rcgen::generate_simple_self_signed(names).map_err(|why| TlsError::Unmade(why.to_string()))?;
            write(&key, &made.signing_key.serialize_pem())?;
            write(&certificate, &made.cert.pem())?;
        }
        Self::load(&certificate, &key)
    }

    /// What rustls takes.
    pub(super) fn config(&self) -> RustlsConfig {
        self.config.clone()
    }

    /// SHA-256 of the certificate, as browsers show it.
    pub(super) fn fingerprint(&self) -> String {
        self.known().fingerprint.clone()
    }

    /// Reads the files again if they have changed. What cannot be used is told, and the old one stays.
    pub(super) fn look(&self) {
        let changed = changed(&self.certificate, &self.key);
        if self.known().changed == changed {
            return;
        }
        self.known().changed = changed;
        match read(&self.certificate, &self.key) {
            Ok((config, fingerprint)) => {
                self.config.reload_from_config(config);
                events::certificate_reloaded(fingerprint.as_str());
                self.known().fingerprint = fingerprint;
            }
            Err(why) => events::certificate_refused(tracing::field::display(&why)),
        }
    }

    /// Looks at the files for as long as it is polled.
    pub(super) async fn keep(self) {
        let mut every = tokio::time::interval(LOOK_EVERY);
        loop {
            every.tick().await;
            self.look();
        }
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn changed(certificate: &Path, key: &Path) -> [Option<SystemTime>; 2] {
    [certificate, key].map(|file| file.metadata().and_then(|meta| meta.modified()).ok())
}

fn read(certificate: &Path, key: &Path) -> Result<(Arc<ServerConfig>, String), TlsError> {
    let open = |path: &Path| {
        fs::read(path).map_err(|source| TlsError::File {
            path: path.to_owned(),
            source,
        })
    };
    let no_pem = |path: &Path, what, why: String| TlsError::NoPem {
        path: path.to_owned(),
        what,
        why,
    };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&open(certificate)?)
        .collect::<Result<_, _>>()
        .map_err(|why| no_pem(certificate, "certificate", why.to_string()))?;
    let Some(first) = chain.first() else {
        return Err(no_pem(certificate, "certificate", "there is none".to_owned()));
    };
    let fingerprint = fingerprint(first);
    let private =
        PrivateKeyDer::from_pem_slice(&open(key)?).map_err(|why| no_pem(key, "private key", why.to_string()))?;
    let unusable = |why: rustls::Error| TlsError::Unusable {
        certificate: certificate.to_owned(),
        key: key.to_owned(),
        why: why.to_string(),
    };
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(unusable)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok((Arc::new(config), fingerprint))
}

fn fingerprint(certificate: &CertificateDer<'_>) -> String {
    let octets: Vec<String> = Sha256::digest(certificate)
        .iter()
        .map(|octet| format!("{octet:02X}"))
        .collect();
    octets.join(":")
}

/// Writes a file that nobody else may read.
fn write(path: &Path, text: &str) -> Result<(), TlsError> {
    let fault = |source| TlsError::File {
        path: path.to_owned(),
        source,
    };
    // One that is there may be open to others.
    match fs::remove_file(path) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(fault(error)),
    }
    let open = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file = open.map_err(fault)?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(fault)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("aftercall-tls-{name}-{}", std::process::id()));
            fs::create_dir_all(&folder).unwrap();
            Self(folder)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            drop(fs::remove_dir_all(&self.0));
        }
    }

    fn names() -> Vec<String> {
        vec!["localhost".to_owned(), "127.0.0.1".to_owned()]
    }

    #[test]
    fn the_own_certificate_is_made_once_and_its_key_is_private() {
        let folder = Folder::new("own");
        let first = Certificate::own(&folder.0, names()).unwrap();
        let again = Certificate::own(&folder.0, names()).unwrap();
        assert_eq!(first.fingerprint(), again.fingerprint());
        assert_eq!(first.fingerprint().len(), 32 * 3 - 1);
        let mode = folder.0.join(KEY).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn changed_files_are_taken_over_and_faulty_ones_are_not() {
        let folder = Folder::new("changed");
        let used = Certificate::own(&folder.0, names()).unwrap();
        let old = used.fingerprint();
        fs::write(folder.0.join(CERTIFICATE), "half a fi").unwrap();
        used.look();
        assert_eq!(used.fingerprint(), old);
        fs::remove_file(folder.0.join(CERTIFICATE)).unwrap();
        let new = Certificate::own(&folder.0, names()).unwrap().fingerprint();
        used.look();
        assert_eq!(used.fingerprint(), new);
        assert_ne!(new, old);
    }

    #[test]
    fn a_key_of_another_certificate_is_refused() {
        let (one, other) = (Folder::new("one"), Folder::new("other"));
        Certificate::own(&one.0, names()).unwrap();
        Certificate::own(&other.0, names()).unwrap();
        let refused = Certificate::load(&one.0.join(CERTIFICATE), &other.0.join(KEY))
            .err()
            .unwrap();
        assert!(matches!(refused, TlsError::Unusable { .. }), "{refused}");
    }
}
