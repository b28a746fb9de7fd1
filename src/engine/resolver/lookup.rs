//! One look-up of a trunk's host name (RFC 3263 section 4): SRV records, then addresses.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{RData, RecordType};

use super::order::{Service, order};
use crate::config::SIP_PORT;
use crate::sip::{Target, Transport};

/// How long a name server has for one answer; each is asked twice.
const PATIENCE: Duration = Duration::from_secs(3);

/// So many addresses of a trunk are kept.
const TARGETS: usize = 16;

/// The longest that an answer is believed, whatever it says.
const LONGEST: Duration = Duration::from_secs(3600);

/// What is looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engine) struct Wanted {
    /// The name.
    pub(in crate::engine) host: String,
    /// With a port only addresses are looked up.
    pub(in crate::engine) port: Option<u16>,
    /// What carries SIP.
    pub(in crate::engine) transport: Transport,
    /// Our own address: the other side's has to be of the same family.
    pub(in crate::engine) local: IpAddr,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engine) struct Found {
    /// In the order of trying, each with its priority; never empty.
    pub(in crate::engine) targets: Vec<(u16, Target)>,
    /// How long it holds.
    pub(in crate::engine) ttl: Duration,
}

/// Why nothing was found.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No name server can be asked.
    #[error("no name server is known: {0}; set `nameserver` in [sip]")]
    NoServer(NetError),
    /// The name servers do not answer, or not usefully.
    #[error("{name} could not be looked up: {source}")]
    Failed {
        /// The name asked for.
        name: String,
        /// The resolver's word.
        source: NetError,
    },
    /// There is no such name, or nothing of use stands under it.
    #[error("{name} has no address of {family}")]
    NoAddress {
        /// The name asked for.
        name: String,
        /// IPv4 or IPv6: that of `local`.
        family: &'static str,
    },
    /// An SRV record with the target "." (RFC 2782).
    #[error("{0} says that SIP is not served there by this transport")]
    NotServed(String),
}

/// Whom names are asked of.
pub(in crate::engine) struct Names {
    resolver: TokioResolver,
}

impl Names {
    /// Asks this name server, or those of the system.
    pub(in crate::engine) fn new(server: Option<SocketAddr>) -> Result<Self, Error> {
        let mut builder = match server {
            Some(server) => {
                let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
                let connections = connections.map(|mut connection| {
                    connection.port = server.port();
                    connection
                });
                let server = NameServerConfig::new(server.ip(), true, connections.to_vec());
                let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
                TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
            }
            None => TokioResolver::builder_tokio().map_err(Error::NoServer)?,
        };
        let options = builder.options_mut();
        // What is known and until when, the trunk's own watch says; a failure shall not be remembered.
        options.cache_size = 0;
        options.timeout = PATIENCE;
        options.attempts = 2;
        builder
            .build()
            .map(|resolver| Self { resolver })
            .map_err(Error::NoServer)
    }

    /// Looks a trunk up; `chance(n)` gives a number from 0 to `n`.
    pub(in crate::engine) async fn look_up(
        &self,
        wanted: &Wanted,
        chance: impl FnMut(u32) -> u32 + Send,
    ) -> Result<Found, Error> {
        // A name without a dot is of this network, or of /etc/hosts: nobody keeps services for it.
        let port = wanted.port.or((!wanted.host.contains('.')).then_some(SIP_PORT));
        if let Some(port) = port {
            return self.addresses(wanted, 0, &wanted.host, port).await;
        }
        let protocol = match wanted.transport {
            Transport::Udp => "udp",
            Transport::Tcp => "tcp",
        };
        let name = format!("_sip._{protocol}.{}", wanted.host);
        let (services, ttl) = self.services(&name).await?;
        if services.is_empty() {
            return self.addresses(wanted, 0, &wanted.host, SIP_PORT).await;
        }
        let mut found = Found {
            targets: Vec::new(),
            ttl,
        };
        let mut last = Error::NotServed(name);
        for service in order(services, chance) {
            // RFC 2782: the target "." says that the service is decidedly not available.
            if service.host == "." || found.targets.len() >= TARGETS {
                continue;
            }
            match self
                .addresses(wanted, service.priority, &service.host, service.port)
                .await
            {
                Ok(more) => {
                    found.ttl = found.ttl.min(more.ttl);
                    found.targets.extend(more.targets);
                }
                Err(error) => last = error,
            }
        }
        found.targets.truncate(TARGETS);
        if found.targets.is_empty() { Err(last) } else { Ok(found) }
    }

    async fn services(&self, name: &str) -> Result<(Vec<Service>, Duration), Error> {
        let answers = self.ask(name, RecordType::SRV).await?;
        let mut services = Vec::new();
        let mut ttl = LONGEST;
        for (data, holds) in answers {
            if let RData::SRV(record) = data {
                ttl = ttl.min(holds);
                services.push(Service {
                    priority: record.priority,
                    weight: record.weight,
                    host: record.target.to_string(),
                    port: record.port,
                });
            }
        }
        Ok((services, ttl))
    }

    async fn addresses(&self, wanted: &Wanted, priority: u16, host: &str, port: u16) -> Result<Found, Error> {
        let (kind, family) = match wanted.local {
            IpAddr::V4(_) => (RecordType::A, "IPv4"),
            IpAddr::V6(_) => (RecordType::AAAA, "IPv6"),
        };
        let mut found = Found {
            targets: Vec::new(),
            ttl: LONGEST,
        };
        for (data, holds) in self.ask(host, kind).await? {
            // A name that stands for another (CNAME) holds as long as it says, too.
            found.ttl = found.ttl.min(holds);
            let Some(ip) = data.ip_addr() else { continue };
            let target = Target {
                transport: wanted.transport,
                address: SocketAddr::new(ip, port),
            };
            found.targets.push((priority, target));
        }
        found.targets.truncate(TARGETS);
        if found.targets.is_empty() {
            let name = host.to_owned();
            return Err(Error::NoAddress { name, family });
        }
        Ok(found)
    }

    /// The answers to one question with the time that each holds; none if there are none.
    async fn ask(&self, name: &str, kind: RecordType) -> Result<Vec<(RData, Duration)>, Error> {
        // With a dot at the end no domain of this host is put behind it.
        let whole = if name.contains('.') && !name.ends_with('.') {
            format!("{name}.")
        } else {
            name.to_owned()
        };
        match self.resolver.lookup(whole, kind).await {
            Ok(answer) => {
                let records = answer.answers().iter();
                let held = |seconds: u32| Duration::from_secs(u64::from(seconds));
                Ok(records.map(|record| (record.data.clone(), held(record.ttl))).collect())
            }
            Err(error) if error.is_no_records_found() => Ok(Vec::new()),
            Err(source) => Err(Error::Failed {
                name: name.to_owned(),
                source,
            }),
        }
    }
}

/// Counts nothing and shows nothing: the resolver has no picture of its own.
impl std::fmt::Debug for Names {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Names").finish_non_exhaustive()
    }
}
