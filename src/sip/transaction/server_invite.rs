//! The INVITE server transaction: figure 7 of RFC 3261, as far as refusals go.
//!
//! We refuse every INVITE that comes in, at once: the Proceeding state lasts no time and the 2xx arrow (Accepted and
//! Timer L of RFC 6026) has no user. So a transaction begins when its final response is sent, in Completed.

use super::super::door::Timer;

/// Where an INVITE that we refused stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
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
    TimerG,
    TimerH,
    TimerI,
    TransportError,
}

/// What it does then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Nothing,
    /// Send the final response again.
    Resend,
}

/// The figure: one line an arrow. That no ACK came, or could come, concerns nobody: the call was refused.
pub(crate) const fn next(state: State, input: Input) -> (State, Action) {
    match state {
        State::Completed => match input {
            Input::Invite => (State::Completed, Action::Resend),
            Input::Ack => (State::Confirmed, Action::Nothing),
            Input::TimerG => (State::Completed, Action::Resend),
            Input::TimerH => (State::Terminated, Action::Nothing),
            Input::TimerI => (State::Completed, Action::Nothing),
            Input::TransportError => (State::Terminated, Action::Nothing),
        },
        State::Confirmed => match input {
            Input::Invite | Input::Ack => (State::Confirmed, Action::Nothing),
            Input::TimerG | Input::TimerH => (State::Confirmed, Action::Nothing),
            Input::TimerI => (State::Terminated, Action::Nothing),
            Input::TransportError => (State::Confirmed, Action::Nothing),
        },
        State::Terminated => match input {
            Input::Invite | Input::Ack => (State::Terminated, Action::Nothing),
            Input::TimerG | Input::TimerH | Input::TimerI => (State::Terminated, Action::Nothing),
            Input::TransportError => (State::Terminated, Action::Nothing),
        },
    }
}

/// The timers that run in a state.
pub(crate) const fn timers(state: State) -> &'static [Timer] {
    match state {
        State::Completed => &[Timer::G, Timer::H],
        State::Confirmed => &[Timer::I],
        State::Terminated => &[],
    }
}

/// The input that a timer is; the letters of other machines never run here.
pub(crate) const fn expired(timer: Timer) -> Option<Input> {
    match timer {
        Timer::G => Some(Input::TimerG),
        Timer::H => Some(Input::TimerH),
        Timer::I => Some(Input::TimerI),
        Timer::A | Timer::B | Timer::D | Timer::E | Timer::F | Timer::J | Timer::K | Timer::L | Timer::M => None,
        Timer::Acknowledge
        | Timer::Cancel
        | Timer::Refresh
        | Timer::KeepAlive
        | Timer::SessionRefresh
        | Timer::SessionExpiry => None,
    }
}
