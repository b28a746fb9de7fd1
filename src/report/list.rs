//! The cases behind a figure (`report --cases FIGURE`): as many lines as the figure says.

use std::io::Write;

use crate::pii::mask_name;
use crate::store::{Error, ListedCase, Period, Picked, Place, Reader, Reported};

use super::sheet::Sheet;
use super::{ExportError, Figure, Success, words};

/// Cases looked at in one reading: memory does not grow with the campaign.
const PAGE: u32 = 500;
/// And for a page on a screen.
const SHORT_PAGE: u32 = 100;

/// The columns of a list; those of attempts and answers follow.
const COLUMNS: [&str; 9] = [
    "就诊号 visit_no",
    "患者号 patient_no",
    "姓名 name",
    "科室 department",
    "结论 outcome",
    "最后结果 last",
    "原因 cause",
    "尝试次数 attempts",
    "个案 case",
];
const OF_ATTEMPTS: [&str; 2] = ["尝试 attempt", "结果码 disposition"];
const OF_ANSWERS: [&str; 4] = ["尝试 attempt", "问题 question", "答案 answer", "更正前 as given"];

/// A cell of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A number.
    Number(i64),
}

impl Cell {
    /// As text.
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
        }
    }
}

/// A list, page by page.
#[derive(Debug)]
pub struct CaseList<'r> {
    reader: &'r Reader,
    about: Reported,
    period: Period,
    picked: Picked,
    after: Place,
    ended: bool,
    /// Cases looked at next.
    page: u32,
}

impl<'r> CaseList<'r> {
    /// The list of a figure of a campaign, or of a department in it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn of(
        reader: &'r Reader,
        about: impl Into<Reported>,
        period: Period,
        success: Success,
        figure: &Figure,
    ) -> Result<Self, Error> {
        let about = about.into();
        let picked = match figure {
            Figure::Cases(figure) => {
                let mut kinds = reader.case_tally(&about, period).await?;
                kinds.retain(|kind| figure.counts(kind, success));
                Picked::Cases(kinds)
            }
            Figure::Attempts(figure) => {
                let mut kinds = reader.attempt_tally(&about, period).await?;
                kinds.retain(|kind| figure.counts(kind));
                Picked::Attempts(kinds)
            }
            Figure::Answers(figure) => {
                let mut kinds = reader.answer_tally(&about, period).await?;
                let versions = reader.question_versions(about.campaign).await?;
                kinds.retain(|kind| figure.counts(kind, &versions));
                Picked::Answers(kinds)
            }
        };
        Ok(Self {
            reader,
            about,
            period,
            ended: picked.is_empty(),
            picked,
            after: Place::FIRST,
            page: PAGE,
        })
    }

    /// The same list from behind a place on.
    #[must_use]
    pub fn behind(mut self, place: Place) -> Self {
        self.after = place;
        self
    }

    /// The same list in short pages, for whoever shows one at a time.
    #[must_use]
    pub const fn in_short_pages(mut self) -> Self {
        self.page = SHORT_PAGE;
        self
    }

    /// From here on in longer pages, for whoever found little in a short time.
    pub fn lengthen(&mut self) {
        self.page = PAGE.min(2 * self.page);
    }

    /// How many lines the whole list has: what the figure comes to.
    pub fn total(&self) -> u64 {
        match &self.picked {
            Picked::Cases(kinds) => kinds.iter().map(|kind| kind.n).sum(),
            Picked::Attempts(kinds) => kinds.iter().map(|kind| kind.n).sum(),
            Picked::Answers(kinds) => kinds.iter().map(|kind| kind.n).sum(),
        }
    }

    /// The place up to which the list has been read; none at its end.
    pub fn reached(&self) -> Option<Place> {
        (!self.ended).then_some(self.after)
    }

    /// The heading.
    pub fn heading(&self) -> Vec<&'static str> {
        let more: &[&str] = match self.picked {
            Picked::Cases(_) => &[],
            Picked::Attempts(_) => &OF_ATTEMPTS,
            Picked::Answers(_) => &OF_ANSWERS,
        };
        [&COLUMNS, more].concat()
    }

    /// The next lines, some hundred at most; none at the end.
    ///
    /// # Errors
    /// What the database says.
    pub async fn next(&mut self) -> Result<Option<Vec<Vec<Cell>>>, Error> {
        let lines = self.lines().await?;
        Ok(lines.map(|lines| lines.iter().map(|line| self.cells(line)).collect()))
    }

    /// The same lines as the store tells them: names in full.
    ///
    /// # Errors
    /// What the database says.
    pub async fn lines(&mut self) -> Result<Option<Vec<ListedCase>>, Error> {
        while !self.ended {
            let lines = self.look().await?;
            if !lines.is_empty() {
                return Ok(Some(lines));
            }
        }
        Ok(None)
    }

    /// The lines of the next cases, none perhaps: whoever waits for them looks as often as he has patience for.
    ///
    /// # Errors
    /// What the database says.
    pub async fn look(&mut self) -> Result<Vec<ListedCase>, Error> {
        let (about, period) = (&self.about, self.period);
        let place = self.reader.case_place(about, period, &self.picked, self.after).await?;
        let last = match place {
            Some(place) => {
                self.after = place;
                self.reader.case_page(about, period, place, self.page).await?
            }
            None => None,
        };
        let Some(last) = last else {
            self.ended = true;
            return Ok(Vec::new());
        };
        let lines = self
            .reader
            .listed(about, period, &self.picked, (self.after, last))
            .await?;
        self.after = last;
        Ok(lines)
    }

    /// Writes all lines as CSV (UTF-8 with byte order mark) and gives their count.
    ///
    /// # Errors
    /// What the database or writing to `out` says.
    pub async fn csv<W: Write>(&mut self, out: W) -> Result<u64, ExportError> {
        let mut sheet = Sheet::begin(out)?;
        sheet.row(self.heading())?;
        let mut written = 0;
        while let Some(page) = self.next().await? {
            for line in &page {
                let cells: Vec<String> = line.iter().map(Cell::text).collect();
                sheet.row(cells.iter().map(String::as_str))?;
                written += 1;
            }
        }
        sheet.end()?;
        Ok(written)
    }

    fn cells(&self, line: &ListedCase) -> Vec<Cell> {
        let text = |words: &str| Cell::Text(words.to_owned());
        let perhaps = |words: &Option<String>| Cell::Text(words.clone().unwrap_or_default());
        let number = |number: i64| Cell::Number(number);
        let name = line.name.reveal().as_deref().unwrap_or_default();
        let mut cells = vec![
            text(&line.visit_no),
            perhaps(&line.patient_no),
            Cell::Text(mask_name(name)),
            perhaps(&line.department),
            text(line.outcome.map_or("未结案 open", |outcome| outcome.zh())),
            text(line.last.map_or("", |last| last.as_str())),
            text(line.last.map_or("", |last| last.zh())),
            number(i64::try_from(line.attempts).unwrap_or(i64::MAX)),
            number(line.case.0),
        ];
        match self.picked {
            Picked::Cases(_) => {}
            Picked::Attempts(_) => {
                cells.push(number(line.attempt.map_or(0, |attempt| attempt.0)));
                cells.push(text(line.disposition.map_or("", |disposition| disposition.as_str())));
            }
            Picked::Answers(_) => {
                cells.push(number(line.attempt.map_or(0, |attempt| attempt.0)));
                cells.push(perhaps(&line.question));
                cells.push(Cell::Text(words::answer(
                    line.kind.as_deref().unwrap_or_default(),
                    line.value,
                    line.label.as_deref(),
                )));
                cells.push(Cell::Text(line.given.as_ref().map(words::given).unwrap_or_default()));
            }
        }
        cells
    }
}
