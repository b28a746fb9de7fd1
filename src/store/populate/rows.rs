//! All rows, in an order in which every table grows at its end: patients, cases, then attempts by their times.

use super::chance::{Chance, Stream};
use super::course::{Course, DAY, Try};
use super::ending;
use super::person::{dialed, numbers, person};
use super::table::{Batch, Row, Rows, Table, Unfit};
use super::{Material, Out, Population, Question, Voice};
use crate::dialer::Outcome;
use crate::ids::CallMark;
use crate::outcome::{Disposition, Facts};

/// The trunk of all attempts.
const TRUNK: &str = "main";
/// Attempts whose recordings lie in one folder.
const A_FOLDER: u64 = 1_000;

const DEPARTMENTS: [(&str, &str); 10] = [
    ("心血管内科", "高血压病"),
    ("普外科", "胆囊结石"),
    ("骨科", "腰椎间盘突出"),
    ("呼吸内科", "肺炎"),
    ("妇产科", "剖宫产术后"),
    ("神经内科", "脑梗死"),
    ("消化内科", "慢性胃炎"),
    ("肿瘤科", "肺恶性肿瘤"),
    ("眼科", "白内障"),
    ("内分泌科", "2型糖尿病"),
];
const DOCTORS: [&str; 8] = [
    "王医生",
    "李医生",
    "张医生",
    "刘医生",
    "陈医生",
    "杨医生",
    "赵医生",
    "周医生",
];
const PAYERS: [&str; 4] = ["城镇职工医保", "城乡居民医保", "自费", "商业保险"];

/// Makes all rows. It ends early, without an error, when nobody takes them any more.
pub(super) fn make(population: &Population, material: &Material, out: &Out) -> Result<(), Unfit> {
    let mut tables = Tables::new(out);
    for at in 0..population.patients {
        tables.patient(population, at)?;
    }
    let order = tables.cases(population, material)?;
    let mut places = Places::default();
    for (at, key) in order.into_iter().enumerate() {
        let (case, ordinal) = key.parts();
        let course = Course::of(population, case);
        if let Some(&tried) = course.tries.get(ordinal) {
            let (number, digits) = dialed(population, course.patient, ordinal);
            let made = Made {
                tried,
                case,
                ordinal,
                number,
                digits,
            };
            tables.attempt(population, material, made, places.next(at as u64 + 1))?;
        }
    }
    tables.end();
    Ok(())
}

/// An attempt in the order of time: seconds since the first day (28 bits), case (32), place in its case (4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key(u64);

impl Key {
    fn new(since: i64, case: u64, ordinal: usize) -> Self {
        let second = u64::try_from(since / 1000).unwrap_or_default();
        Self(second << 36 | case << 4 | ordinal as u64 & 15)
    }

    fn parts(self) -> (u64, usize) {
        let ordinal = usize::try_from(self.0 & 15).unwrap_or_default();
        (self.0 >> 4 & 0xffff_ffff, ordinal)
    }
}

/// An attempt that was made.
struct Made {
    tried: Try,
    /// Of which case, from 0.
    case: u64,
    /// Its place in the case, from 0.
    ordinal: usize,
    /// The row of the number.
    number: u64,
    digits: String,
}

/// Numbers attempts, and the recordings within a folder.
#[derive(Default)]
struct Places {
    folder: u64,
    used: u64,
}

/// The number of an attempt, and which recording of its folder it would be.
struct Place<'p> {
    attempt: u64,
    places: &'p mut Places,
}

impl Places {
    fn next(&mut self, attempt: u64) -> Place<'_> {
        if self.folder != attempt / A_FOLDER {
            *self = Self {
                folder: attempt / A_FOLDER,
                used: 0,
            };
        }
        Place { attempt, places: self }
    }
}

impl Place<'_> {
    /// A file that no attempt of this folder has yet; none once all are taken.
    fn voice<'v>(&mut self, voices: &'v [Voice]) -> Option<(String, &'v Voice)> {
        let many = voices.len() as u64;
        if self.places.used == many {
            return None;
        }
        let (folder, at) = (self.places.folder, self.places.used + self.places.folder);
        self.places.used += 1;
        let voice = voices.get(usize::try_from(at % many).ok()?)?;
        Some((format!("recordings/{folder}/{}", voice.name), voice))
    }
}

/// The rows on their way.
struct Tables<'o> {
    out: &'o Out,
    patient: Rows,
    number: Rows,
    encounter: Rows,
    cases: Rows,
    attempt: Rows,
    key: Rows,
    answer: Rows,
    recording: Rows,
    do_not_call: Rows,
    answers: u64,
}

impl<'o> Tables<'o> {
    fn new(out: &'o Out) -> Self {
        Self {
            out,
            patient: Rows::of(Table::Patient),
            number: Rows::of(Table::Number),
            encounter: Rows::of(Table::Encounter),
            cases: Rows::of(Table::Cases),
            attempt: Rows::of(Table::Attempt),
            key: Rows::of(Table::PressedKey),
            answer: Rows::of(Table::Answer),
            recording: Rows::of(Table::Recording),
            do_not_call: Rows::of(Table::DoNotCall),
            answers: 0,
        }
    }

    fn send(&self, batch: Option<Batch>) {
        if let Some(batch) = batch {
            // Whoever inserts has failed, and says so.
            let _ = self.out.blocking_send(batch);
        }
    }

    fn end(mut self) {
        for rest in [
            self.patient.rest(),
            self.number.rest(),
            self.encounter.rest(),
            self.cases.rest(),
            self.attempt.rest(),
            self.key.rest(),
            self.answer.rest(),
            self.recording.rest(),
            self.do_not_call.rest(),
        ] {
            self.send(rest);
        }
    }

    fn patient(&mut self, population: &Population, at: u64) -> Result<(), Unfit> {
        let born = person(population, at);
        let since = population.morning.millis() - 200 * DAY;
        self.patient
            .row()
            .whole(at + 1)?
            .text(format!("P{:08}", at + 1))?
            .text(born.name)?
            .word(born.sex)?
            .text(born.birth)?
            .whole(i64::from(born.deceased))?
            .whole(since)?
            .whole(since)?;
        for number in numbers(population, at) {
            self.number
                .row()
                .whole(number.id)?
                .whole(at + 1)?
                .text(number.digits)?
                .word(number.kind)?
                .word(number.owner)?
                .words(number.relation)?
                .whole(number.rank)?
                .word(number.state)?;
        }
        let (patients, numbers) = (self.patient.full(), self.number.full());
        self.send(patients);
        self.send(numbers);
        Ok(())
    }

    /// The cases with their encounters, until all attempts are given out; gives the attempts in the order of time.
    fn cases(&mut self, population: &Population, material: &Material) -> Result<Vec<Key>, Unfit> {
        let first = population.morning.millis() - 200 * DAY;
        let mut left = usize::try_from(population.attempts).unwrap_or(usize::MAX);
        let mut order = Vec::with_capacity(left);
        let mut at = 0;
        while at < population.patients || left > 0 {
            let mut course = Course::of(population, at);
            course.keep(left);
            left -= course.tries.len();
            for (ordinal, tried) in course.tries.iter().enumerate() {
                order.push(Key::new(tried.at - first, at, ordinal));
            }
            self.encounter(population, at, &course)?;
            self.case(material, at, &course)?;
            let (encounters, cases) = (self.encounter.full(), self.cases.full());
            self.send(encounters);
            self.send(cases);
            if self.out.is_closed() {
                break;
            }
            at += 1;
        }
        order.sort_unstable();
        Ok(order)
    }

    fn encounter(&mut self, population: &Population, at: u64, course: &Course) -> Result<(), Unfit> {
        let mut chance = Chance::of(population.seed, Stream::Case, at ^ (1 << 62));
        let which = usize::try_from(chance.below(DEPARTMENTS.len() as u64)).unwrap_or_default();
        let (department, diagnosis) = DEPARTMENTS.get(which).copied().unwrap_or_default();
        let (ward, bed) = (1 + chance.below(24), 1 + chance.below(60));
        let doctor = chance.word(&DOCTORS);
        let cost = format!("{}.{:02}", 800 + chance.below(40_000), chance.below(100));
        let visit = format!("ZY{:09}", at + 1);
        let raw = format!(
            "{{\"住院号\":\"{visit}\",\"出院科室\":\"{department}\",\"主管医生\":\"{doctor}\",\"出院诊断\":\"{diagnosis}\"}}"
        );
        let noon = course.discharged + 3 * 3_600_000;
        let row: Row<'_> = self.encounter.row();
        row.whole(at + 1)?
            .text(visit)?
            .whole(course.patient + 1)?
            .word(if chance.percent(80) { "inpatient" } else { "outpatient" })?
            .word(department)?
            .text(format!("{ward}病区"))?
            .text(format!("{bed}"))?
            .word(doctor)?
            .whole(noon - (2 + chance.span(12)) * DAY)?
            .whole(noon)?
            .word(diagnosis)?
            .word(chance.word(&PAYERS))?
            .text(cost)?
            .text(raw)?
            .whole(noon)?
            .whole(noon)?;
        Ok(())
    }

    fn case(&mut self, material: &Material, at: u64, course: &Course) -> Result<(), Unfit> {
        let campaign = material
            .campaigns
            .get(course.campaign)
            .or(material.campaigns.first())
            .map_or(0, |campaign| campaign.0);
        let next = if course.closed.is_some() {
            course.due
        } else {
            course.next
        };
        self.cases
            .row()
            .whole(at + 1)?
            .whole(campaign)?
            .whole(at + 1)?
            .whole(course.due)?
            .whole(next)?
            .whole(course.deadline)?
            .word(if course.closed.is_some() { "closed" } else { "open" })?
            .words(course.closed.map(|(outcome, _)| Outcome::as_str(outcome)))?
            .perhaps(course.closed.map(|(_, at)| at))?
            .whole(course.counted())?
            .whole(course.tries.len())?
            .words(course.tries.last().map(|last| Disposition::as_str(last.disposition)))?
            .whole(course.priority)?
            .perhaps(course.appointment)?
            .whole(course.discharged)?;
        Ok(())
    }

    fn attempt(
        &mut self,
        population: &Population,
        material: &Material,
        made: Made,
        mut place: Place<'_>,
    ) -> Result<(), Unfit> {
        let attempt = place.attempt;
        let Made {
            tried,
            case,
            ordinal,
            number,
            digits,
        } = made;
        let mut chance = Chance::of(population.seed, Stream::Attempt, case << 4 | ordinal as u64);
        let mark = CallMark((u128::from(chance.draw()) << 64 | u128::from(chance.draw())).to_be_bytes());
        let (facts, rule) = ending::facts(tried.disposition, mark.call_id(), &mut chance);
        let rang = i64::from(facts.pdd_ms.unwrap_or(0)) + i64::from(facts.ring_ms.unwrap_or(0));
        let answered = facts.talk_ms.map(|_| tried.at + rang);
        let ended = tried.at + rang + i64::from(facts.talk_ms.unwrap_or(0));
        if tried.disposition == Disposition::OptOut {
            let row = self.do_not_call.row().text(digits.clone())?.words(None)?;
            row.whole(ended)?.word("key")?.whole(attempt)?;
        }
        let packets = i64::from(facts.talk_ms.unwrap_or(0) / 20);
        let mut kept = 0;
        if let Some(answered) = answered {
            if chance.percent(population.answers_percent) {
                kept = self.answers(population, material, attempt, tried.disposition, answered)?;
            }
            if let Some((path, voice)) = place.voice(&material.voices) {
                let row = self.recording.row().whole(attempt)?.text(path)?;
                row.whole(voice.duration_ms)?.whole(0)?.text(voice.sha256.clone())?;
            }
        }
        self.attempt
            .row()
            .whole(attempt)?
            .whole(case + 1)?
            .whole(number)?
            .text(digits)?
            .word(TRUNK)?
            .whole(ordinal + 1)?
            .word("ended")?
            .whole(tried.at)?
            .perhaps(answered)?
            .whole(ended)?
            .word(tried.disposition.as_str())?
            .word(rule)?
            .text(json(&facts)?)?
            .whole(packets)?
            .whole(packets)?
            .text(material.dialplan.clone())?
            .whole(kept)?
            .text(mark.to_string())?
            .whole(1)?
            .whole(i64::from(!tried.disposition.is_ours()))?;
        for full in [
            self.attempt.full(),
            self.key.full(),
            self.answer.full(),
            self.recording.full(),
            self.do_not_call.full(),
        ] {
            self.send(full);
        }
        Ok(())
    }

    /// What was pressed and said on an answered call; gives how many keys.
    fn answers(
        &mut self,
        population: &Population,
        material: &Material,
        attempt: u64,
        disposition: Disposition,
        since: i64,
    ) -> Result<i64, Unfit> {
        let mut chance = Chance::of(population.seed, Stream::Answers, attempt);
        let mut said = Said { attempt, since, seq: 0 };
        let screening = material.questions.iter().filter(|question| question.screening).take(1);
        let survey = material.questions.iter().filter(|question| question.required);
        let (many, open) = if disposition == Disposition::Completed {
            (usize::MAX, false)
        } else if disposition == Disposition::Partial {
            (3, true)
        } else if [Disposition::ThirdParty, Disposition::WrongNumber].contains(&disposition) {
            (0, false)
        } else {
            let keys = match disposition == Disposition::Refused {
                true => "##",
                false if disposition == Disposition::OptOut => "9",
                false if disposition == Disposition::BreakOff => "0",
                false => "",
            };
            for key in keys.chars() {
                self.press(&mut said, key, None)?;
            }
            return Ok(said.seq);
        };
        let who = match many == 0 {
            true if disposition == Disposition::WrongNumber => 3,
            true => 2,
            false => 1,
        };
        for question in screening {
            self.say(&mut said, question, Some(who))?;
        }
        for question in survey.clone().take(many) {
            let code = if question.options.is_empty() {
                chance.weighed(&[(8, 6), (12, 7), (20, 8), (30, 9), (30, 10)], 9)
            } else {
                let place = chance.weighed(&[(62, 0), (24, 1), (9, 2), (5, 3)], 0_usize);
                let last = question.options.len().saturating_sub(1);
                question.options.get(place.min(last)).map_or(1, |option| option.code)
            };
            self.say(&mut said, question, Some(code))?;
        }
        if open && let Some(question) = survey.clone().nth(many) {
            self.say(&mut said, question, None)?;
        }
        Ok(said.seq)
    }

    /// A question with its answer, or with silence.
    fn say(&mut self, said: &mut Said, question: &Question, code: Option<i64>) -> Result<(), Unfit> {
        let keys = code.map_or_else(String::new, |code| code.to_string());
        for key in keys.chars() {
            self.press(said, key, Some(&question.id))?;
        }
        let label = question.options.iter().find(|option| Some(option.code) == code);
        self.answers += 1;
        let row = self.answer.row().whole(self.answers)?.whole(said.attempt)?;
        let row = row
            .text(question.id.clone())?
            .word(if code.is_some() { "value" } else { "silent" })?;
        let row = match label {
            Some(option) => row.perhaps(code)?.text(option.label.clone())?,
            None => row.perhaps(code)?.words(None)?,
        };
        row.text(keys)?.whole(said.seq)?.whole(said.at())?;
        Ok(())
    }

    fn press(&mut self, said: &mut Said, key: char, question: Option<&str>) -> Result<(), Unfit> {
        said.seq += 1;
        let row = self.key.row().whole(said.attempt)?.whole(said.seq)?;
        let row = row.text(key.to_string())?.whole(said.at())?.whole(said.seq * 9_000)?;
        let row = row.word("telephone_event")?.words(None)?;
        match question {
            Some(question) => row.text(question.to_owned())?,
            None => row.words(None)?,
        };
        Ok(())
    }
}

/// How far the keys of a call are: one every nine seconds.
struct Said {
    attempt: u64,
    since: i64,
    seq: i64,
}

impl Said {
    fn at(&self) -> i64 {
        self.since + self.seq * 9_000
    }
}

fn json(facts: &Facts) -> Result<String, Unfit> {
    Ok(serde_json::to_string(facts)?)
}
