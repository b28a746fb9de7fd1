//! Every figure that Prometheus may read, as one table, and the page that shows them (OpenMetrics text).
//!
//! Nothing is counted here: the figures are those that the parts keep anyway, gathered when somebody asks. Labels have
//! few values: trunks and campaigns of this daemon, identifiers of the program, statuses of SIP; never a person's.

mod gather;
mod rows;

use std::fmt::{self, Write};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, MetricEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;

pub(super) use gather::{Sources, gather};

/// The content type of the page.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Whether a figure only grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It counts since the daemon started; its name on the page ends in `_total`.
    Counter,
    /// It goes up and down.
    Gauge,
    /// How often each of several durations was not exceeded; seconds.
    Histogram,
}

/// A row of the table.
#[derive(Debug)]
pub struct Metric {
    /// Its name, without `_total`.
    pub name: &'static str,
    /// Whether it only grows.
    pub kind: Kind,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// What it counts or measures, with its unit.
    pub help: &'static str,
}

/// Figures, each with the values of its labels.
#[derive(Debug, Default)]
pub(super) struct Page {
    samples: Vec<(&'static str, Vec<String>, Figure)>,
}

#[derive(Clone, Debug, PartialEq)]
enum Figure {
    Whole(u64),
    Real(f64),
    Spread(Spread),
}

/// A histogram: the count of each bucket with its upper bound, and the sum.
#[derive(Clone, Debug, Default, PartialEq)]
struct Spread {
    buckets: Vec<(f64, u64)>,
    sum: f64,
}

impl Page {
    fn put(&mut self, metric: &'static Metric, labels: &[&str], figure: u64) {
        self.add(metric, labels, Figure::Whole(figure));
    }

    fn put_real(&mut self, metric: &'static Metric, labels: &[&str], figure: f64) {
        self.add(metric, labels, Figure::Real(figure));
    }

    fn add(&mut self, metric: &'static Metric, labels: &[&str], figure: Figure) {
        let labels = labels.iter().copied().map(str::to_owned).collect();
        self.samples.push((metric.name, labels, figure));
    }

    /// The page as text.
    pub(super) fn text(self) -> Result<String, fmt::Error> {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(self));
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry)?;
        Ok(text)
    }
}

impl Collector for Page {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for metric in rows::ALL {
            let samples = || self.samples.iter().filter(|(name, ..)| *name == metric.name);
            if samples().next().is_none() {
                continue;
            }
            let kind = match metric.kind {
                Kind::Counter => MetricType::Counter,
                Kind::Gauge => MetricType::Gauge,
                Kind::Histogram => MetricType::Histogram,
            };
            let mut family = encoder.encode_descriptor(metric.name, metric.help, None, kind)?;
            let sample = |figure: &Figure| Sample {
                kind: metric.kind,
                figure: figure.clone(),
            };
            if let ([], Some((_, _, figure))) = (metric.labels, samples().next()) {
                sample(figure).encode(family)?;
                continue;
            }
            for (_, values, figure) in samples() {
                let labels: Vec<(&str, &str)> = metric
                    .labels
                    .iter()
                    .copied()
                    .zip(values.iter().map(String::as_str))
                    .collect();
                sample(figure).encode(family.encode_family(&labels)?)?;
            }
        }
        Ok(())
    }
}

struct Sample {
    kind: Kind,
    figure: Figure,
}

impl EncodeMetric for Sample {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        type Exemplar = [(&'static str, &'static str); 0];
        match (self.kind, &self.figure) {
            (_, Figure::Spread(Spread { buckets, sum })) => {
                let count = buckets.iter().map(|(_, count)| count).sum();
                encoder.encode_histogram::<Exemplar>(*sum, count, buckets, None)
            }
            (Kind::Counter, Figure::Whole(figure)) => encoder.encode_counter::<Exemplar, u64, f64>(figure, None),
            (Kind::Counter, Figure::Real(figure)) => encoder.encode_counter::<Exemplar, f64, f64>(figure, None),
            (Kind::Gauge | Kind::Histogram, Figure::Whole(figure)) => encoder.encode_gauge(figure),
            (Kind::Gauge | Kind::Histogram, Figure::Real(figure)) => encoder.encode_gauge(figure),
        }
    }

    fn metric_type(&self) -> MetricType {
        match self.kind {
            Kind::Counter => MetricType::Counter,
            Kind::Gauge => MetricType::Gauge,
            Kind::Histogram => MetricType::Histogram,
        }
    }
}

/// The table as Markdown, as docs/operations.md has it.
pub fn markdown() -> String {
    let mut text = "| metric | labels | is |\n|---|---|---|\n".to_owned();
    for metric in rows::ALL {
        let total = match metric.kind {
            Kind::Counter => "_total",
            Kind::Gauge | Kind::Histogram => "",
        };
        let (name, labels, help) = (metric.name, metric.labels.join(", "), metric.help);
        // Writing to a string never fails.
        let _ = writeln!(text, "| `{name}{total}` | {labels} | {help} |");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::manual;

    #[test]
    fn the_manual_lists_exactly_the_metrics_there_are() {
        manual::holds("metrics", &markdown());
    }

    #[test]
    fn a_page_names_kind_and_labels_and_ends() {
        let mut page = Page::default();
        page.put(&rows::CALLS, &["talking"], 3);
        page.put(&rows::INVITES, &[], 7);
        page.put_real(&rows::TRUNK_ROUND_TRIP, &["a\"b"], 0.25);
        let text = page.text().unwrap();
        assert!(text.contains("# TYPE aftercall_calls gauge\n"), "{text}");
        assert!(text.contains("aftercall_calls{stage=\"talking\"} 3\n"), "{text}");
        assert!(text.contains("aftercall_invites_total 7\n"), "{text}");
        let quoted = "aftercall_trunk_round_trip_seconds{trunk=\"a\\\"b\"} 0.25\n";
        assert!(text.contains(quoted) && text.ends_with("# EOF\n"), "{text}");
    }

    #[test]
    fn names_follow_the_conventions_of_prometheus() {
        for metric in rows::ALL {
            let name = metric.name;
            let is_snake = name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            assert!(
                name.starts_with("aftercall_") && is_snake && !name.ends_with("_total"),
                "{name}"
            );
        }
    }
}
