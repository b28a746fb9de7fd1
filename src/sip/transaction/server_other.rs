//! The server transaction of every other request: figure 8 of RFC 3261.
//!
//! Most requests are answered finally while they are handled: their transactions begin in Completed.

use super::super::door::Timer;

/// Where a request that we answered stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It waits for its response; copies of it are absorbed.
    Trying,
    /// The final response is out; it is repeated when the request is.
    Completed,
    /// Gone.
    Terminated,
}

/// What can happen to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    Request,
    /// Its user answers it finally.
    Answer,
    TimerJ,
    TransportError,
}

/// What it does then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Nothing,
    /// Send the final response again.
    Resend,
}

/// The figure: one line an arrow.
pub(crate) const fn next(state: State, input: Input) -> (State, Action) {
    match state {
        State::Trying => match input {
            Input::Answer => (State::Completed, Action::Nothing),
            Input::TransportError => (State::Terminated, Action::Nothing),
            Input::Request | Input::TimerJ => (State::Trying, Action::Nothing),
        },
        State::Completed => match input {
            Input::Request => (State::Completed, Action::Resend),
            Input::Answer => (State::Completed, Action::Nothing),
            Input::TimerJ => (State::Terminated, Action::Nothing),
            Input::TransportError => (State::Terminated, Action::Nothing),
        },
        State::Terminated => match input {
            Input::Request | Input::Answer | Input::TimerJ | Input::TransportError => {
                (State::Terminated, Action::Nothing)
            }
        },
    }
}

/// The timers that run in a state.
pub(crate) const fn timers(state: State) -> &'static [Timer] {
    match state {
        State::Completed => &[Timer::J],
        State::Trying | State::Terminated => &[],
    }
}

/// The input that a timer is; the letters of other machines never run here.
pub(crate) const fn expired(timer: Timer) -> Option<Input> {
    match timer {
        Timer::J => Some(Input::TimerJ),
        Timer::A | Timer::B | Timer::D | Timer::E | Timer::F | Timer::G | Timer::H | Timer::I => None,
        Timer::K | Timer::L | Timer::M | Timer::Acknowledge | Timer::Cancel | Timer::Refresh | Timer::KeepAlive => None,
        Timer::Phones | Timer::SessionRefresh | Timer::SessionExpiry => None,
    }
}
