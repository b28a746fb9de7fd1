//! A conversation written down line by line: the golden `.walk` files, and `aftercall walk` in the terminal.

use super::{Answer, Dialplan, End, Heard, Resume, STOP_CALLING, Session, Step};
use crate::document::show_duration;
use crate::phone::Key;

/// What the person at the telephone does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Hears the prompts out, then presses these keys one right after the other.
    Press(Vec<Key>),
    /// Presses them while the next question or goodbye plays.
    BargeIn(Vec<Key>),
    /// Presses them at once, whatever plays.
    PressNow(Vec<Key>),
    /// Hears the prompts out and says something.
    Speak,
    /// Hears the prompts out and presses nothing until the wait is over.
    StaySilent,
    /// Wanted a person, and one is there.
    GetsPerson,
    /// Hangs up at once.
    HangUp,
    /// Is called again after the call, and an unfinished questionnaire goes on.
    IsCalledAgain,
}

/// Why a script cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    /// A word that means nothing.
    #[error(
        "\"{0}\" is no intent; expected keys (1, 10, *, ##), - for silence, speaks, person for somebody who takes over, ! to hang up, again for the next call, or barge or now before keys"
    )]
    Unknown(String),
    /// `barge` or `now` at the end, or before something that is no key.
    #[error("\"{0}\" must be followed by keys")]
    KeysExpected(String),
    /// A `.walk` file without its script.
    #[error("no line \"keys: …\" with what the person presses")]
    NoScript,
}

/// Reads a script: intents with blanks between, such as `1 barge 2 - 10 ## !`.
pub fn parse_script(text: &str) -> Result<Vec<Intent>, ScriptError> {
    let mut intents = Vec::new();
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        let mut following = || {
            let keys = words.next().and_then(keys);
            keys.ok_or_else(|| ScriptError::KeysExpected(word.to_owned()))
        };
        intents.push(match word {
            "-" => Intent::StaySilent,
            "!" => Intent::HangUp,
            "speaks" => Intent::Speak,
            "person" => Intent::GetsPerson,
            "again" => Intent::IsCalledAgain,
            "barge" => Intent::BargeIn(following()?),
            "now" => Intent::PressNow(following()?),
            _ => Intent::Press(keys(word).ok_or_else(|| ScriptError::Unknown(word.to_owned()))?),
        });
    }
    Ok(intents)
}

fn keys(word: &str) -> Option<Vec<Key>> {
    word.chars().map(Key::from_char).collect()
}

/// Writes a `.walk` file anew from its own head: what stands before and in the line `keys: …` is kept, what follows is
/// the conversation as it goes now. A line `language: en-US` before it says that the patient's language is known.
pub fn replay(plan: &Dialplan, walk_file: &str) -> Result<String, ScriptError> {
    let mut text = String::new();
    let mut script = None;
    let mut language = None;
    for line in walk_file.lines() {
        text.push_str(line);
        text.push('\n');
        language = line.strip_prefix("language:").map(str::trim).or(language);
        if let Some(keys) = line.strip_prefix("keys:") {
            script = Some(parse_script(keys)?);
            break;
        }
    }
    let script = script.ok_or(ScriptError::NoScript)?;
    text.push('\n');
    for line in walk(plan, language, &script) {
        text.push_str(&line);
        text.push('\n');
    }
    Ok(text)
}

/// The whole conversation of a script; when the script is over, the person stays silent.
pub fn walk(plan: &Dialplan, language: Option<&str>, script: &[Intent]) -> Vec<String> {
    let mut walk = Walk::start_in(plan, language);
    for intent in script {
        walk.act(intent);
    }
    while !walk.is_over() {
        walk.act(&Intent::StaySilent);
    }
    walk.lines
}

/// A conversation under way.
#[derive(Debug)]
pub struct Walk<'p> {
    plan: &'p Dialplan,
    session: Session,
    now: Step,
    lines: Vec<String>,
}

impl<'p> Walk<'p> {
    /// The call was answered.
    pub fn start(plan: &'p Dialplan) -> Self {
        Self::start_in(plan, None)
    }

    /// The call was answered by somebody whose language may be known.
    pub fn start_in(plan: &'p Dialplan, language: Option<&str>) -> Self {
        let (session, steps) = Session::start_in(plan, language);
        let mut walk = Self {
            plan,
            session,
            now: Step::Finished(End::TooManySteps),
            lines: Vec::new(),
        };
        walk.take(steps);
        walk
    }

    /// Does one thing and hears what follows; nothing once the conversation is over.
    pub fn act(&mut self, intent: &Intent) {
        match intent {
            Intent::Press(keys) => {
                self.hear_out();
                self.press(keys);
            }
            Intent::BargeIn(keys) => {
                self.hear_messages();
                self.press(keys);
            }
            Intent::PressNow(keys) => self.press(keys),
            Intent::GetsPerson => {
                self.hear_out();
                if self.session.awaits_person() {
                    self.lines.push("a person takes over".to_owned());
                    self.resume_quietly(Resume::PersonThere);
                    self.resume(Resume::HungUp);
                }
            }
            Intent::StaySilent if self.session.awaits_person() => self.gets_nobody(),
            Intent::StaySilent => {
                self.hear_out();
                if !self.is_over() {
                    self.lines.push("silence".to_owned());
                    self.resume(Resume::Silence);
                }
            }
            Intent::Speak => {
                self.hear_out();
                if !self.is_over() {
                    self.lines.push("speaks".to_owned());
                    self.resume(Resume::Spoken);
                }
            }
            Intent::HangUp => {
                if !self.is_over() {
                    self.lines.push("hangs up".to_owned());
                    self.resume(Resume::HungUp);
                }
            }
            Intent::IsCalledAgain => self.call_again(),
        }
    }

    /// Waits for a person, and none comes.
    fn gets_nobody(&mut self) {
        self.lines.push("nobody is free".to_owned());
        self.resume(Resume::NobodyFree);
    }

    fn call_again(&mut self) {
        if !self.is_over() {
            return;
        }
        let left = self.session.clone();
        let carried_on = left.is_unfinished(self.plan).then(|| left.carry_on(self.plan));
        let (session, steps) = match carried_on {
            Some(Ok(carried_on)) => {
                self.lines.push("called again; it goes on".to_owned());
                carried_on
            }
            Some(Err(_)) | None => {
                self.lines.push("called again; it begins anew".to_owned());
                Session::start(self.plan)
            }
        };
        self.session = session;
        self.take(steps);
    }

    /// Hears what plays until a question or a goodbye begins.
    pub fn hear_messages(&mut self) {
        while self.plays() && self.session.question().is_none() && self.session.progress(self.plan).end.is_none() {
            self.resume(Resume::PromptDone);
        }
    }

    /// Whether the conversation is over.
    pub const fn is_over(&self) -> bool {
        matches!(self.now, Step::Finished(_))
    }

    /// The lines written since the last call.
    pub fn take_lines(&mut self) -> Vec<String> {
        std::mem::take(&mut self.lines)
    }

    fn hear_out(&mut self) {
        while self.plays() {
            self.resume(Resume::PromptDone);
        }
    }

    /// Presses keys. Whoever waits for a person chooses a call-back by the key for that, and waits in vain before any other.
    fn press(&mut self, keys: &[Key]) {
        let mut keys = keys;
        if self.session.awaits_person() {
            let later = self.plan.person().and_then(|person| person.later);
            match keys {
                [first, rest @ ..] if later == Some(*first) => {
                    self.lines.push(format!("key      {first}: waits no longer"));
                    self.resume(Resume::NobodyFree);
                    keys = rest;
                }
                _ => self.gets_nobody(),
            }
            self.hear_out();
        }
        for key in keys {
            if self.is_over() {
                return;
            }
            let during = if self.plays() { " (during the prompt)" } else { "" };
            self.lines.push(format!("key      {key}{during}"));
            self.resume(Resume::Key(*key));
        }
    }

    const fn plays(&self) -> bool {
        matches!(self.now, Step::Play { .. })
    }

    fn resume_quietly(&mut self, resume: Resume) {
        let steps = self.session.resume(self.plan, resume).unwrap_or_default();
        self.take(steps);
    }

    fn resume(&mut self, resume: Resume) {
        let steps = self.session.resume(self.plan, resume).unwrap_or_default();
        if steps.is_empty() {
            self.lines.push("ignored".to_owned());
        }
        self.take(steps);
    }

    fn take(&mut self, steps: Vec<Step>) {
        for step in steps {
            match &step {
                Step::Heard(heard) => self.lines.push(self.heard(heard)),
                Step::Play { prompts } => {
                    let said: Vec<_> = prompts.iter().map(|name| self.says(name)).collect();
                    self.lines.extend(said);
                }
                Step::Wait { limit } => self.lines.push(format!("waits    {}", show_duration(*limit))),
                Step::Listen { speech, .. } => {
                    let longest = show_duration(speech.longest);
                    self.lines.push(format!("listens  {longest}"));
                }
                Step::Connect { say, .. } => {
                    let said: Vec<_> = say.iter().map(|name| self.says(name)).collect();
                    self.lines.extend(said);
                    self.lines.push("seeks a person".to_owned());
                }
                Step::Finished(end) => self.lines.push(self.ends(*end)),
            }
            if !matches!(step, Step::Heard(_)) {
                self.now = step;
            }
        }
    }

    fn says(&self, name: &str) -> String {
        let text = self.plan.shown_text(name).unwrap_or_default();
        format!("says     {name}: {text}")
            .trim_end_matches([':', ' '])
            .to_owned()
    }

    fn heard(&self, heard: &Heard) -> String {
        let Heard {
            question,
            answer,
            keys,
            opts_out: _,
            audio: _,
        } = heard;
        if question == STOP_CALLING {
            return format!("heard    {question} (key {keys}): never call again");
        }
        let is_message = self.plan.question(question).is_none();
        let meaning = match answer {
            Answer::Value(_) if is_message => "heard to its end".to_owned(),
            Answer::Value(value) => {
                let label = self
                    .plan
                    .question(question)
                    .map(|question| question.label(*value))
                    .unwrap_or_default();
                if label == value.to_string() {
                    label
                } else {
                    format!("{value} {label}")
                }
            }
            Answer::Refused => "refused".to_owned(),
            Answer::Silent => "silent".to_owned(),
            Answer::Invalid => "invalid".to_owned(),
        };
        let keys = if keys.is_empty() {
            String::new()
        } else {
            format!(" (keys {keys})")
        };
        format!("heard    {question} = {meaning}{keys}")
    }

    fn ends(&self, end: End) -> String {
        let word = match end {
            End::Completed => "completed",
            End::Refused => "refused",
            End::OptedOut => "opted_out",
            End::Silent => "silent",
            End::ThirdParty => "third_party",
            End::WrongNumber => "wrong_number",
            End::Appointment => "appointment",
            End::HungUp => "hung_up",
            End::TooManySteps => "too_many_steps",
        };
        let progress = self.session.progress(self.plan);
        let (answered, got, of) = (progress.answered, progress.required_answered, progress.required);
        let again = progress
            .appointment
            .map_or_else(String::new, |time| format!(", call again {time}"));
        let days = progress
            .follow_up_days
            .map_or_else(String::new, |days| format!(", follow up in {days}d"));
        format!(
            "ends     {word}; {answered} answered, {got} of {of} required, {} keys{again}{days}",
            progress.keys
        )
    }
}
