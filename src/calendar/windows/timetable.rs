//! A timetable through the years: days, a pause, seasons, effective dates and single dates.

use chrono::NaiveDate;

use super::spans::{WHOLE_DAY, common, join, outside};
use super::{DayKey, Days, Season, WindowsError};
use crate::calendar::zone::weekday;
use crate::calendar::{DayKind, Span};

/// Days and a pause that is cut out of their windows. What is `None` stays as it was before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rota {
    days: Option<Days>,
    /// What the pause leaves of a day.
    open: Option<Vec<Span>>,
}

impl Rota {
    /// Days and pause, each as far as it has its own.
    pub fn new(days: Option<Days>, pause: Option<Vec<Span>>) -> Result<Self, WindowsError> {
        let open = pause.map(|pause| Ok(outside(&join(pause)?))).transpose()?;
        Ok(Self { days, open })
    }

    /// Its own days.
    pub const fn days(&self) -> Option<&Days> {
        self.days.as_ref()
    }
}

/// The windows of every date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timetable {
    /// In the order of their dates; the first one has been there always.
    eras: Vec<Era>,
    /// In order, no two of them about one date.
    dates: Vec<Dated>,
}

/// What holds from a date on.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Era {
    from: NaiveDate,
    rota: Rota,
    seasons: Option<Vec<Season>>,
}

/// What holds on some dates, whatever days they are.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Dated {
    from: NaiveDate,
    to: NaiveDate,
    spans: Vec<Span>,
    open: Option<Vec<Span>>,
}

impl Timetable {
    /// Days and pause, and seasons that have their own. Without days, the whole of every day.
    pub fn new(rota: Rota, seasons: Vec<Season>) -> Result<Self, WindowsError> {
        let era = Era {
            from: NaiveDate::MIN,
            rota,
            seasons: Some(apart(seasons)?),
        };
        Ok(Self {
            eras: vec![era],
            dates: Vec::new(),
        })
    }

    /// Nothing but days.
    pub fn of_days(days: Days) -> Self {
        let rota = Rota {
            days: Some(days),
            open: None,
        };
        let era = Era {
            from: NaiveDate::MIN,
            rota,
            seasons: None,
        };
        Self {
            eras: vec![era],
            dates: Vec::new(),
        }
    }

    /// What holds from a date on. Days, pause and seasons that it does not have stay as they were, but seasons go with
    /// the days that they belonged to.
    pub fn from_date(&mut self, from: NaiveDate, rota: Rota, seasons: Option<Vec<Season>>) -> Result<(), WindowsError> {
        let at = self.eras.partition_point(|era| era.from < from);
        if self.eras.get(at).is_some_and(|era| era.from == from) {
            return Err(WindowsError::SameDate(from));
        }
        let seasons = seasons.or_else(|| rota.days.is_some().then(Vec::new));
        let seasons = seasons.map(apart).transpose()?;
        self.eras.insert(at, Era { from, rota, seasons });
        Ok(())
    }

    /// The windows of the dates from `from` to `to`, none if they are closed; without a pause of their own they have
    /// that of their days.
    pub fn on_dates(
        &mut self,
        (from, to): (NaiveDate, NaiveDate),
        spans: Vec<Span>,
        pause: Option<Vec<Span>>,
    ) -> Result<(), WindowsError> {
        let dated = Dated {
            from,
            to,
            spans: join(spans)?,
            open: pause.map(|pause| Ok(outside(&join(pause)?))).transpose()?,
        };
        let at = self.dates.partition_point(|other| other.to < from);
        match self.dates.get(at) {
            Some(other) if other.from <= to => Err(WindowsError::SameDate(other.from.max(from))),
            Some(_) | None => {
                self.dates.insert(at, dated);
                Ok(())
            }
        }
    }

    /// The windows of a date that is such a day, in order.
    pub(super) fn on(&self, date: NaiveDate, kind: DayKind<'_>) -> impl Iterator<Item = Span> {
        let eras = self.eras.iter().rev().skip_while(|era| era.from > date);
        let seasons = eras.clone().find_map(|era| era.seasons.as_deref()).unwrap_or_default();
        let season = seasons.iter().find(|season| season.covers(date));
        let rotas = season.map(Season::rota).into_iter().chain(eras.map(|era| &era.rota));
        let at = self.dates.partition_point(|dated| dated.to < date);
        let dated = self.dates.get(at).filter(|dated| dated.from <= date);
        let spans = match dated {
            Some(dated) => dated.spans.as_slice(),
            None => match rotas.clone().find_map(Rota::days) {
                Some(days) => days.on(weekday(date), kind),
                None => WHOLE_DAY,
            },
        };
        let open = dated.and_then(|dated| dated.open.as_deref());
        let open = open.or_else(|| rotas.clone().find_map(|rota| rota.open.as_deref()));
        common(spans.iter().copied(), open.unwrap_or(WHOLE_DAY).iter().copied())
    }

    /// Every span that somebody wrote down as a window.
    pub(super) fn spans(&self) -> impl Iterator<Item = Span> {
        let of_days = self
            .all_days()
            .flat_map(|days| days.keys().flat_map(|(_, spans)| spans));
        of_days.chain(self.dates.iter().flat_map(|dated| &dated.spans)).copied()
    }

    /// Whether the work calendar is asked.
    pub(super) fn asks_for_kinds(&self) -> bool {
        self.all_days()
            .any(|days| DayKey::KINDS.into_iter().any(|key| days.has(key)))
    }

    /// The dates on which something begins to hold.
    pub(super) fn turns(&self) -> impl Iterator<Item = NaiveDate> {
        let eras = self.eras.iter().skip(1).map(|era| era.from);
        let dates = self.dates.iter();
        eras.chain(dates.flat_map(|dated| [Some(dated.from), dated.to.succ_opt()].into_iter().flatten()))
    }

    /// The days, if there is nothing else.
    pub(super) fn only_days(&self) -> Option<&Days> {
        match (self.eras.as_slice(), self.dates.as_slice()) {
            ([Era { rota, seasons, .. }], []) if rota.open.is_none() && seasons.as_ref().is_none_or(Vec::is_empty) => {
                rota.days()
            }
            (_, _) => None,
        }
    }

    fn all_days(&self) -> impl Iterator<Item = &Days> {
        let seasons = self.eras.iter().flat_map(|era| era.seasons.iter().flatten());
        let rotas = self.eras.iter().map(|era| &era.rota).chain(seasons.map(Season::rota));
        rotas.filter_map(Rota::days)
    }
}

/// Refuses seasons that share a day.
fn apart(seasons: Vec<Season>) -> Result<Vec<Season>, WindowsError> {
    for (index, season) in seasons.iter().enumerate() {
        let before = seasons.iter().take(index);
        if let Some(other) = before.into_iter().find(|other| other.meets(season)) {
            return Err(WindowsError::Seasons(other.to_string(), season.to_string()));
        }
    }
    Ok(seasons)
}
