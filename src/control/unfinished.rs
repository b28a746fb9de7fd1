//! Unfinished questionnaires: whether one that the store found can go on, before its attempt is written down.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use super::{Control, Output, Told};
use crate::dialer::{Claimed, Resume};
use crate::dialplan::{self, Dialplan, Session};

/// Former versions that are kept read at one time.
const VERSIONS: usize = 16;

/// Why a questionnaire begins anew, under the campaign's present dialplan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Afresh {
    /// The dialplan that it began with cannot be read any more.
    Dialplan,
    /// The session that was written down cannot be read, or belongs to another dialplan.
    Session,
    /// A prompt of the dialplan that it began with is not there any more.
    PromptMissing {
        /// Its name.
        prompt: String,
    },
}

impl fmt::Display for Afresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dialplan => f.write_str("the dialplan that it began with cannot be read any more"),
            Self::Session => f.write_str("what was written down of it cannot be read"),
            Self::PromptMissing { prompt } => write!(f, "the prompt {prompt:?} of its dialplan is not there any more"),
        }
    }
}

/// What is known of former dialplans.
#[derive(Debug, Default)]
pub(super) struct Versions {
    /// The prompts that can be played, as `zh-CN/greeting`; none: all.
    prompts: Option<BTreeSet<String>>,
    read: BTreeMap<String, Arc<Dialplan>>,
}

impl Versions {
    fn version(&mut self, resume: &Resume) -> Result<Arc<Dialplan>, Afresh> {
        if let Some(plan) = self.read.get(&resume.dialplan) {
            return Ok(plan.clone());
        }
        let plan = dialplan::parse(&resume.text).map_err(|_| Afresh::Dialplan)?;
        if plan.hash() != resume.dialplan {
            return Err(Afresh::Dialplan);
        }
        let is_there = |prompt: &String| {
            let prompts = self.prompts.as_ref();
            prompts.is_none_or(|prompts| prompts.contains(&plan.recording(prompt)))
        };
        if let Some(prompt) = plan.prompts().into_iter().find(|prompt| !is_there(prompt)) {
            return Err(Afresh::PromptMissing { prompt });
        }
        if self.read.len() >= VERSIONS {
            self.read.pop_first();
        }
        let plan = Arc::new(plan);
        self.read.insert(resume.dialplan.clone(), plan.clone());
        Ok(plan)
    }

    /// Whether a prompt of this name can be played, in the dialplan's first language.
    pub(super) fn has_prompt(&self, plan: &Dialplan, name: &str) -> bool {
        let prompts = self.prompts.as_ref();
        prompts.is_none_or(|prompts| prompts.contains(&plan.recording(name)))
    }

    /// The session and the dialplan that it began with; none if there is nothing in it to go on with.
    fn unfinished(&mut self, resume: &Resume) -> Result<Option<(Arc<Dialplan>, Session)>, Afresh> {
        let plan = self.version(resume)?;
        let session: Session = serde_json::from_str(&resume.session).map_err(|_| Afresh::Session)?;
        if session.dialplan() != plan.hash() {
            return Err(Afresh::Session);
        }
        Ok(session.is_unfinished(&plan).then_some((plan, session)))
    }
}

impl Control {
    /// The same core that knows which prompts can be played: a questionnaire whose prompts are gone does not go on.
    pub fn with_prompts(mut self, prompts: BTreeSet<String>) -> Self {
        self.versions.prompts = Some(prompts);
        self
    }

    /// Takes from a claimed case the questionnaire that cannot go on, and says why.
    pub(super) fn check_unfinished(&mut self, claimed: &mut Claimed) {
        let Some(resume) = &claimed.resume else { return };
        let why = match self.versions.unfinished(resume) {
            Ok(Some(_)) => return,
            Ok(None) => None,
            Err(why) => Some(why),
        };
        let (case, attempt) = (claimed.case, resume.attempt);
        claimed.resume = None;
        self.outputs
            .extend(why.map(|why| Output::Told(Told::Afresh { case, attempt, why })));
    }

    /// What a case goes on with, if it does.
    pub(super) fn unfinished(&mut self, claimed: &Claimed) -> Option<(Arc<Dialplan>, Session)> {
        self.versions.unfinished(claimed.resume.as_ref()?).ok().flatten()
    }
}
