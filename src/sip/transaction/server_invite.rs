//! The INVITE server transaction: figure 7 of RFC 3261 with the Accepted state of RFC 6026 (figure 5 there).
//!
//! An INVITE that is refused at once begins in Completed: its Proceeding state lasts no time.

use super::super::door::Timer;

/// Where an INVITE that came in stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It waits for its final response.
    Proceeding,
    /// A 2xx is out: copies of the INVITE are absorbed, the copies of the 2xx are its user's (RFC 6026 section 7.1).
    Accepted,
    /// The final response is out and waits for its ACK.
    Completed,
    /// The ACK has come; copies of it are absorbed.
    Confirmed,
    /// Gone.
    Terminated,
}

/// What can happen to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    Invite,
    Ack,
    /// Its user answers it by a 2xx.
    Accept,
    /// Its user answers it by 300 to 699.
    Refuse,
    TimerG,
    TimerH,
    TimerI,
    TimerL,
    TransportError,
}

/// What it does then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Nothing,
    /// Send the last response again.
    Resend,
    /// The caller cannot be reached any more: the call is lost.
    Lost,
}

/// The figure: one line an arrow. That no ACK came to a refusal, or could come, concerns nobody.
pub(crate) const fn next(state: State, input: Input) -> (State, Action) {
    match state {
        State::Proceeding => match input {
            Input::Invite => (State::Proceeding, Action::Resend),
            Input::Accept => (State::Accepted, Action::Nothing),
            Input::Refuse => (State::Completed, Action::Nothing),
            Input::TransportError => (State::Terminated, Action::Lost),
            Input::Ack | Input::TimerG | Input::TimerH | Input::TimerI | Input::TimerL => {
                (State::Proceeding, Action::Nothing)
            }
        },
        State::Accepted => match input {
            Input::TimerL => (State::Terminated, Action::Nothing),
            Input::Invite | Input::Ack | Input::Accept | Input::Refuse => (State::Accepted, Action::Nothing),
            Input::TimerG | Input::TimerH | Input::TimerI => (State::Accepted, Action::Nothing),
            // Copies of the 2xx and its ACK tell its user.
            Input::TransportError => (State::Accepted, Action::Nothing),
        },
        State::Completed => match input {
            Input::Invite => (State::Completed, Action::Resend),
            Input::Ack => (State::Confirmed, Action::Nothing),
            Input::TimerG => (State::Completed, Action::Resend),
            Input::TimerH => (State::Terminated, Action::Nothing),
            Input::TransportError => (State::Terminated, Action::Nothing),
            Input::TimerI | Input::TimerL | Input::Accept | Input::Refuse => (State::Completed, Action::Nothing),
        },
        State::Confirmed => match input {
            Input::TimerI => (State::Terminated, Action::Nothing),
            Input::Invite | Input::Ack | Input::Accept | Input::Refuse => (State::Confirmed, Action::Nothing),
            Input::TimerG | Input::TimerH | Input::TimerL => (State::Confirmed, Action::Nothing),
            Input::TransportError => (State::Confirmed, Action::Nothing),
        },
        State::Terminated => match input {
            Input::Invite | Input::Ack | Input::Accept | Input::Refuse => (State::Terminated, Action::Nothing),
            Input::TimerG | Input::TimerH | Input::TimerI | Input::TimerL => (State::Terminated, Action::Nothing),
            Input::TransportError => (State::Terminated, Action::Nothing),
        },
    }
}

/// The timers that run in a state.
pub(crate) const fn timers(state: State) -> &'static [Timer] {
    match state {
        State::Accepted => &[Timer::L],
        State::Completed => &[Timer::G, Timer::H],
        State::Confirmed => &[Timer::I],
        State::Proceeding | State::Terminated => &[],
    }
}

/// The input that a timer is; the letters of other machines never run here.
pub(crate) const fn expired(timer: Timer) -> Option<Input> {
    match timer {
        Timer::G => Some(Input::TimerG),
        Timer::H => Some(Input::TimerH),
        Timer::I => Some(Input::TimerI),
        Timer::L => Some(Input::TimerL),
        Timer::A | Timer::B | Timer::D | Timer::E | Timer::F | Timer::J | Timer::K | Timer::M => None,
        Timer::Acknowledge
        | Timer::Cancel
        | Timer::Refresh
        | Timer::KeepAlive
        | Timer::Phones
        | Timer::SessionRefresh
        | Timer::SessionExpiry => None,
    }
}
