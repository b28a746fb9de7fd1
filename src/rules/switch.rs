//! Named switches that people turn on and off, such as `disaster`: 24 hours become 48 (R025).

use std::collections::BTreeMap;

use crate::moment::Wall;

/// When which switch was on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Switches(BTreeMap<String, Vec<SwitchSpan>>);

/// One time that a switch was on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SwitchSpan {
    /// From when.
    pub from: Wall,
    /// Until when; none while it is on.
    pub until: Option<Wall>,
    /// Only for events of this area; none means everywhere.
    pub area: Option<String>,
}

impl Switches {
    /// No switch was ever on.
    pub const fn none() -> Self {
        Self(BTreeMap::new())
    }

    /// Adds a time that a switch was on.
    pub fn add(&mut self, name: &str, span: SwitchSpan) {
        self.0.entry(name.to_owned()).or_default().push(span);
    }

    /// Whether a switch was on for an event of this time and area.
    pub fn is_on(&self, name: &str, at: Wall, area: Option<&str>) -> bool {
        self.0.get(name).into_iter().flatten().any(|span| {
            let here = span.area.as_deref().is_none_or(|wanted| area == Some(wanted));
            here && span.from <= at && span.until.is_none_or(|until| at < until)
        })
    }
}
