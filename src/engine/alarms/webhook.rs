//! Sends changes of alarms to a URL: one at a time, in order, signed, again and again until they are taken.

use std::time::Duration;

use axum::http::{Request, Uri};
use hmac::{Hmac, KeyInit, Mac};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::rt::TokioExecutor;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;
use sha2::Sha256;
use tokio::sync::mpsc;

use super::Notice;
use crate::events;
use crate::pii::Pii;

/// The header that holds `sha256=` and the HMAC-SHA256 of the body in hexadecimal.
pub(crate) const SIGNATURE: &str = "x-aftercall-signature";

/// How patiently an alarm is sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// An answer has to come within.
    pub(crate) answer: Duration,
    /// The first pause after a failure; each further one is twice as long.
    pub(crate) first: Duration,
    /// The longest pause.
    pub(crate) longest: Duration,
    /// After so many tries an alarm is given up.
    pub(crate) tries: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(10),
            first: Duration::from_secs(1),
            longest: Duration::from_secs(300),
            tries: 40,
        }
    }
}

/// Where alarms are sent.
#[derive(Clone, Debug)]
pub(crate) struct Webhook {
    /// `http` or `https`.
    pub(crate) url: Uri,
    /// The key of the signature; without it nothing is signed.
    pub(crate) secret: Option<Pii<String>>,
    /// How patiently.
    pub(crate) pace: Pace,
}

impl Webhook {
    /// Sends what comes until nobody is left who could raise an alarm. `chance` spreads the tries.
    pub(crate) async fn run(self, alarms: mpsc::Receiver<Notice>, chance: ChaCha8Rng) {
        if self.url.scheme_str() == Some("https") {
            let roots = hyper_rustls::HttpsConnectorBuilder::new().with_native_roots();
            match roots {
                Ok(builder) => {
                    self.send_all(builder.https_only().enable_http1().build(), alarms, chance)
                        .await
                }
                Err(error) => events::webhook_unusable(tracing::field::display(error)),
            }
        } else {
            self.send_all(HttpConnector::new(), alarms, chance).await;
        }
    }

    async fn send_all<C>(self, connector: C, mut alarms: mpsc::Receiver<Notice>, mut chance: ChaCha8Rng)
    where
        C: Connect + Clone + Send + Sync + 'static,
    {
        // Alarms are rare: no connection is kept between them.
        let client = Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(0)
            .build::<_, Full<Bytes>>(connector);
        while let Some(notice) = alarms.recv().await {
            self.send(&client, &notice, &mut chance).await;
        }
    }

    async fn send<C>(&self, client: &Client<C, Full<Bytes>>, notice: &Notice, chance: &mut ChaCha8Rng)
    where
        C: Connect + Clone + Send + Sync + 'static,
    {
        let body = serde_json::to_vec(&Sent::of(notice)).unwrap_or_default();
        let mut pause = self.pace.first;
        for tries in 1..=self.pace.tries {
            let error = match self.post(client, body.clone()).await {
                Ok(()) => return,
                Err(error) => error,
            };
            if tries == self.pace.tries {
                return events::webhook_given_up(notice.id.as_str(), tries, error);
            }
            if tries == 1 {
                events::webhook_failed(notice.id.as_str(), tries, error);
            }
            // Between half of it and the whole, so that many daemons do not come back at one moment.
            let share = 0.5 + 0.5 * f64::from(chance.next_u32()) / f64::from(u32::MAX);
            tokio::time::sleep(pause.mul_f64(share)).await;
            pause = pause.saturating_mul(2).min(self.pace.longest);
        }
    }

    async fn post<C>(&self, client: &Client<C, Full<Bytes>>, body: Vec<u8>) -> Result<(), String>
    where
        C: Connect + Clone + Send + Sync + 'static,
    {
        let mut request = Request::post(&self.url)
            .header("content-type", "application/json")
            .header("user-agent", concat!("aftercall/", env!("CARGO_PKG_VERSION")));
        if let Some(secret) = &self.secret {
            request = request.header(SIGNATURE, sign(secret, &body));
        }
        let request = request
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| error.to_string())?;
        match tokio::time::timeout(self.pace.answer, client.request(request)).await {
            Ok(Ok(response)) if response.status().is_success() => Ok(()),
            Ok(Ok(response)) => Err(format!("it answered {}", response.status().as_u16())),
            Ok(Err(error)) => Err(told(&error)),
            Err(_) => Err("it did not answer in time".to_owned()),
        }
    }
}

/// An error with what led to it.
fn told(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let texts: Vec<String> = causes.map(ToString::to_string).collect();
    crate::pii::scrub(&texts.join(": "))
}

/// What is sent.
#[derive(serde::Serialize)]
struct Sent<'n> {
    state: &'static str,
    #[serde(flatten)]
    notice: &'n Notice,
}

impl<'n> Sent<'n> {
    const fn of(notice: &'n Notice) -> Self {
        let state = if notice.until.is_none() { "raised" } else { "cleared" };
        Self { state, notice }
    }
}

fn sign(secret: &Pii<String>, body: &[u8]) -> String {
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()) else {
        return String::new();
    };
    mac.update(body);
    let hex: String = mac
        .finalize()
        .into_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("sha256={hex}")
}

#[cfg(test)]
mod tests;
