//! The console over TCP: so many connections at once, so long for each step, TLS unless it is on loopback.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum_server::Handle;
use axum_server::accept::{Accept, NoDelayAcceptor};
use axum_server::tls_rustls::RustlsAcceptor;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;

use super::tls::{Certificate, TlsError};
use super::{Console, Transport};
use crate::access::{Access, Limits};
use crate::config::{self, Protection};
use crate::engine::Office;

/// Connections at once; a further one is closed.
const CONNECTIONS: usize = 1_024;
/// The head of a request has come within this time.
const HEAD_WITHIN: Duration = Duration::from_secs(15);
/// Requests under way have this long when the daemon stops.
const LAST_ANSWERS: Duration = Duration::from_secs(2);
/// Streams of one HTTP/2 connection at once.
const STREAMS: u32 = 64;

/// Why the console is not served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address.
    #[error("the console cannot listen on {address}: {why}; set `listen` in [console] to a free address and port")]
    Address {
        /// Which.
        address: SocketAddr,
        /// Why.
        why: String,
    },
    /// The certificate.
    #[error("the console has no certificate: {0}")]
    Tls(#[from] TlsError),
}

/// A console that is served, until it is stopped.
pub struct Served {
    address: SocketAddr,
    certificate: Option<Certificate>,
    handle: Handle<SocketAddr>,
    serving: JoinHandle<io::Result<()>>,
    looking: Option<JoinHandle<()>>,
}

/// How long people stay signed in, by the settings.
const fn limits(sessions: config::Sessions) -> Limits {
    Limits {
        idle: sessions.idle,
        lasts: sessions.lasts,
        most: sessions.most,
    }
}

/// Serves the console of an office.
///
/// # Errors
/// [`ServeError`] says what is taken, or which file is wrong. Must be called within a tokio runtime.
pub fn serve(settings: &config::Console, zone: chrono_tz::Tz, office: Arc<Office>) -> Result<Served, ServeError> {
    let data = office.store().folder().to_owned();
    let certificate = match &settings.protection {
        Protection::Files { certificate, key } => Some(Certificate::load(certificate, key)?),
        Protection::SelfSigned => Some(own(&data, settings.listen)?),
        Protection::None => None,
    };
    let console = Console {
        access: Access::with_limits(office.store().clone(), limits(settings.sessions)),
        office,
        zone,
        hospital: settings.hospital.clone(),
        transport: if certificate.is_some() {
            Transport::Tls
        } else {
            Transport::Plain
        },
    };
    let taken = |error: io::Error| ServeError::Address {
        address: settings.listen,
        why: if error.kind() == io::ErrorKind::AddrInUse {
            "another program has this port".to_owned()
        } else if error.kind() == io::ErrorKind::PermissionDenied {
            "ports below 1024 need a privilege".to_owned()
        } else {
            error.to_string()
        },
    };
    let listener = TcpListener::bind(settings.listen).map_err(taken)?;
    let address = listener.local_addr().map_err(taken)?;
    let handle = Handle::new();
    let routes = super::api(console).into_make_service_with_connect_info::<SocketAddr>();
    let mut server = axum_server::from_tcp(listener).map_err(taken)?.handle(handle.clone());
    let builder = server.http_builder();
    builder.http1().header_read_timeout(HEAD_WITHIN);
    builder.http2().max_concurrent_streams(STREAMS);
    let server = server.first_request_timeout(HEAD_WITHIN);
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let (serving, looking) = match &certificate {
        Some(certificate) => {
            let inner = RustlsAcceptor::new(certificate.config()).acceptor(NoDelayAcceptor::new());
            let server = server.acceptor(Bounded { inner, room });
            (
                tokio::spawn(server.serve(routes)),
                Some(tokio::spawn(certificate.clone().keep())),
            )
        }
        None => {
            let inner = NoDelayAcceptor::new();
            let server = server.acceptor(Bounded { inner, room });
            (tokio::spawn(server.serve(routes)), None)
        }
    };
    Ok(Served {
        address,
        certificate,
        handle,
        serving,
        looking,
    })
}

/// A certificate for the names that people here are likely to type.
fn own(data: &Path, listen: SocketAddr) -> Result<Certificate, TlsError> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    if !listen.ip().is_unspecified() && !listen.ip().is_loopback() {
        names.push(listen.ip().to_string());
    }
    if let Ok(host) = nix::unistd::gethostname() {
        names.extend(
            host.into_string()
                .ok()
                .filter(|host| !host.is_empty() && host.is_ascii()),
        );
    }
    names.dedup();
    Certificate::own(data, names)
}

impl Served {
    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where a browser on this host finds it.
    pub fn url(&self) -> String {
        let scheme = if self.certificate.is_some() { "https" } else { "http" };
        let port = self.address.port();
        if self.address.ip().is_unspecified() {
            format!("{scheme}://localhost:{port}")
        } else {
            format!("{scheme}://{}", self.address)
        }
    }

    /// SHA-256 of the certificate, as browsers show it; none without TLS.
    pub fn fingerprint(&self) -> Option<String> {
        self.certificate.as_ref().map(Certificate::fingerprint)
    }

    /// Reads the files of the certificate again, if they have changed.
    pub fn reload(&self) {
        if let Some(certificate) = &self.certificate {
            certificate.look();
        }
    }

    /// Takes nothing new, gives what is under way a moment, and ends.
    pub async fn stop(self) {
        self.handle.graceful_shutdown(Some(LAST_ANSWERS));
        if let Some(looking) = self.looking {
            looking.abort();
        }
        // However it ended: it is over.
        drop(self.serving.await);
    }
}

/// An acceptor with so many connections at once.
#[derive(Clone, Debug)]
struct Bounded<A> {
    inner: A,
    room: Arc<Semaphore>,
}

type Accepted<T, S> = Pin<Box<dyn Future<Output = io::Result<(T, S)>> + Send>>;

impl<A, S> Accept<TcpStream, S> for Bounded<A>
where
    A: Accept<TcpStream, S>,
    A::Future: Send + 'static,
{
    type Stream = Held<A::Stream>;
    type Service = A::Service;
    type Future = Accepted<Self::Stream, Self::Service>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let place = Arc::clone(&self.room).try_acquire_owned();
        // Nothing has happened yet: an acceptor that nobody waits for does nothing.
        let accepting = self.inner.accept(stream, service);
        Box::pin(async move {
            let place = place.map_err(|_| io::Error::other("too many connections"))?;
            let (stream, service) = accepting.await?;
            Ok((Held { stream, _place: place }, service))
        })
    }
}

/// A connection with its place.
struct Held<T> {
    stream: T,
    _place: OwnedSemaphorePermit,
}

impl<T: AsyncRead + Unpin> AsyncRead for Held<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Held<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
