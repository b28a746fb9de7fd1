//! What the control core tells, as events of the table: names for places, numbers masked, words of the wire scrubbed.

use tracing::field::{debug, display};

use crate::call::Observed;
use crate::control::{Told, Who};
use crate::events;
use crate::ids::TrunkId;
use crate::moment::Jump;
use crate::pii::scrub;
use crate::sip::PhoneNews;

/// The trunks by their names in the settings.
#[derive(Debug)]
pub(super) struct Names(pub(super) Vec<String>);

impl Names {
    fn of(&self, trunk: TrunkId) -> &str {
        self.0.get(usize::from(trunk.0)).map_or("", String::as_str)
    }
}

/// Writes one happening to the log.
pub(super) fn write(told: &Told, names: &Names) {
    match told {
        Told::Call { who, observed } => call(who, observed),
        Told::Ended {
            who, disposition, rule, ..
        } => events::attempt_ended(who.leg.0, who.attempt.0, disposition.as_str(), rule.as_str()),
        Told::Registered { trunk, refused: None } => events::registered(names.of(*trunk)),
        Told::Registered {
            trunk,
            refused: Some(ending),
        } => {
            let (status, phrase) = (ending.status, scrub(&ending.phrase));
            events::registration_refused(names.of(*trunk), status, phrase, debug(ending.local));
        }
        Told::OptionsAnswered { trunk, status } => events::options_answered(names.of(*trunk), *status),
        Told::Held { why, .. } => events::calls_held(scrub(why)),
        Told::Released { cause } => events::calls_released(debug(cause)),
        Told::InviteRefused { trunk, caller, status } => {
            let caller = caller.as_ref().map(crate::phone::Number::masked);
            events::caller_turned_away(names.of(*trunk), caller, *status);
        }
        Told::AddressSeen { trunk, address } => events::address_seen(names.of(*trunk), display(address)),
        Told::CalledBack {
            trunk,
            caller,
            patient,
            case,
        } => {
            let caller = caller.as_ref().map(crate::phone::Number::masked);
            events::call_back_noted(trunk.as_str(), caller, patient.map(|id| id.0), case.map(|id| id.0));
        }
        Told::CallBackFlood { trunk } => events::call_backs_flooded(names.of(*trunk)),
        Told::RealmRefused { trunk, pinned, offered } => {
            events::realm_refused(names.of(*trunk), scrub(pinned), scrub(offered));
        }
        Told::Phone(news) => phone(news),
        // Anybody can send these, so they are counted (status shows it) and not worth a line each.
        Told::SipFault(fault) => events::sip_input_dropped(debug(fault)),
        Told::DialerFault(fault) => events::dialer_faulted(debug(fault)),
        Told::CallerResting { trunk, caller, pause } => {
            events::caller_rested(names.of(*trunk), caller.masked(), pause.as_secs());
        }
        Told::TrunkResting { trunk, pause, .. } => events::trunk_rested(names.of(*trunk), pause.as_secs()),
        Told::TrunkDown { trunk, reason } => events::trunk_marked_down(names.of(*trunk), display(reason)),
        Told::TrunkUp { trunk, after } => events::trunk_marked_up(names.of(*trunk), after.as_secs()),
        Told::Rerouted {
            attempt,
            from,
            to,
            status,
        } => events::rerouted(attempt.0, names.of(*from), names.of(*to), *status),
        Told::ClockJumped(Jump::Forward(by)) => events::clock_set(by.as_secs(), "forward"),
        Told::ClockJumped(Jump::Back(by)) => events::clock_set(by.as_secs(), "back"),
        Told::BrokeDown { who } => events::call_broken(who.leg.0, who.attempt.0),
        Told::Afresh { case, attempt, why } => events::questionnaire_begun_anew(case.0, attempt.0, display(why)),
        Told::TakenDown { attempt } => events::left_over_taken_down(attempt.0),
        Told::NotTakenDown { attempt } => events::left_over_not_taken_down(attempt.0),
        Told::Idle(campaign) => events::campaign_idle(campaign.0),
        Told::Stopped(campaign) => events::campaign_stopped(campaign.0),
        Told::HandCallFailed { token, why } => events::hand_call_failed(*token, scrub(why)),
        Told::Presence { agent, presence } => events::agent_turned(agent.0, debug(presence)),
        Told::PreviewOver { agent, conversation } => events::preview_over(agent.0, conversation.0),
        Told::Conversation(picture) => {
            events::conversation_moved(picture.conversation.0, picture.agent.0, debug(picture.state));
        }
        Told::Waiting { who, agent: None } => events::person_wanted(who.leg.0, who.attempt.0),
        Told::Waiting {
            who,
            agent: Some(agent),
        } => events::person_there(who.leg.0, who.attempt.0, agent.0),
        Told::RefusedByHand {
            agent,
            conversation,
            why,
        } => events::hand_call_refused(conversation.0, agent.0, why.as_str()),
        Told::StoreFailed(why) => events::store_refused(scrub(why)),
        Told::Drained => events::drained(),
    }
}

fn phone(news: &PhoneNews) {
    match news {
        PhoneNews::Registered {
            account,
            source,
            transport,
            product,
        } => {
            let product = product.as_deref().map(scrub);
            events::phone_registered(account.as_str(), display(source), debug(transport), product);
        }
        PhoneNews::Gone { account, why } => events::phone_gone(account.as_str(), debug(why)),
        PhoneNews::Guessing {
            source,
            account,
            banned,
        } => events::passwords_guessed(display(source), account.as_deref(), banned.as_secs()),
    }
}

fn call(who: &Who, observed: &Observed) {
    let (leg, attempt) = (who.leg.0, who.attempt.0);
    match observed {
        Observed::NoPort => events::ports_exhausted(leg, attempt),
        Observed::Invited => events::invited(leg, attempt),
        Observed::Progressed { status, early_media } => events::progressed(leg, attempt, *status, *early_media),
        Observed::Answered => events::answered(leg, attempt),
        Observed::Playing { prompt } => events::prompt_begun(leg, attempt, prompt.as_str()),
        // Which key it was is a medical answer: it is in the database, not in the log.
        Observed::KeyHeard { .. } => events::key_heard(leg, attempt),
        Observed::Heard(heard) => events::answer_kept(leg, attempt, heard.question.as_str()),
        Observed::BargedIn => events::barged_in(leg, attempt),
        Observed::Held => events::held(leg, attempt),
        Observed::Resumed => events::resumed(leg, attempt),
    }
}
