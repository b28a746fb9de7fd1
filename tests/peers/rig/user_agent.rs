//! The user agent by itself on two sockets of loopback, for a test that decides in the place of control.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use aftercall::engine::clock::Clock;
use aftercall::moment::Moment;
use aftercall::sip::{
    Account, Command, Event, Input, Output, Path, Phones, Settings, Target, Transport, Trunk, UserAgent,
};

/// How long one look at a socket takes.
const LOOK: Duration = Duration::from_millis(5);

/// A user agent with a trunk and phones, over UDP.
pub(crate) struct Agent {
    sockets: [UdpSocket; 2],
    ua: UserAgent,
    clock: Clock,
    /// What it told and nobody has waited for.
    told: Vec<Output>,
}

impl Agent {
    /// One whose trunk is at this port, and at whom these phones may register.
    pub(crate) fn start(trunk: u16, phones: Vec<Account>, realm: &str) -> Self {
        let socket = || {
            let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            socket.set_read_timeout(Some(LOOK)).unwrap();
            socket
        };
        let sockets = [socket(), socket()];
        let [outside, hall] = sockets.each_ref().map(|socket| socket.local_addr().unwrap());
        let far = SocketAddr::from((Ipv4Addr::LOCALHOST, trunk));
        let mut settings = Settings::new(
            vec![Trunk::new("far", outside, Target::udp(far), "far.example", "021")],
            480,
        );
        let mut hall = Phones::new(hall, realm);
        hall.accounts = phones;
        settings.phones = Some(hall);
        Self {
            sockets,
            ua: UserAgent::new(settings, [3; 32]),
            clock: Clock::start(),
            told: Vec::new(),
        }
    }

    /// Where the trunk calls it, and where phones register.
    pub(crate) fn ports(&self) -> [u16; 2] {
        self.sockets
            .each_ref()
            .map(|socket| socket.local_addr().unwrap().port())
    }

    pub(crate) fn order(&mut self, command: Command) {
        self.ua.handle(self.clock.now(), Input::Do(command));
        self.drain();
    }

    /// Runs until it has told something that `wanted` takes; earlier things are forgotten.
    pub(crate) fn wait_for<T>(&mut self, what: &str, limit: Duration, wanted: impl Fn(&Output) -> Option<T>) -> T {
        let end = self.clock.now() + limit;
        loop {
            for place in 0..self.told.len() {
                if let Some(found) = wanted(&self.told[place]) {
                    self.told.drain(..=place);
                    return found;
                }
            }
            let now = self.clock.now();
            assert!(now < end, "no {what} within {limit:?}: {:#?}", self.told);
            self.turn(now);
        }
    }

    /// Runs until an event of a leg that `wanted` takes.
    pub(crate) fn wait_for_event(&mut self, what: &str, limit: Duration, wanted: impl Fn(&Event) -> bool) {
        self.wait_for(what, limit, |output| {
            let Output::Event { event, .. } = output else {
                return None;
            };
            wanted(event).then_some(())
        });
    }

    /// Runs for so long.
    pub(crate) fn run(&mut self, time: Duration) {
        let end = self.clock.now() + time;
        while self.clock.now() < end {
            let now = self.clock.now();
            self.turn(now);
        }
    }

    fn turn(&mut self, now: Moment) {
        if self.ua.deadline().is_some_and(|(at, _)| at <= now) {
            self.ua.handle(now, Input::Wake);
            self.drain();
        }
        for place in 0..self.sockets.len() {
            let socket = &self.sockets[place];
            let mut octets = [0; 8_192];
            let (length, peer) = match socket.recv_from(&mut octets) {
                Ok(received) => received,
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => continue,
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => continue,
                Err(error) => panic!("{error}"),
            };
            let path = Path {
                transport: Transport::Udp,
                local: socket.local_addr().unwrap(),
                peer,
            };
            let bytes = &octets[..length];
            self.ua.handle(self.clock.now(), Input::Received { path, bytes });
            self.drain();
        }
    }

    fn drain(&mut self) {
        while let Some(output) = self.ua.poll() {
            if let Output::Send { path, bytes } = output {
                let own = |socket: &&UdpSocket| socket.local_addr().unwrap() == path.local;
                let socket = self.sockets.iter().find(own).unwrap();
                // A peer that has gone is no fault of this test.
                let _ = socket.send_to(&bytes, path.peer);
                continue;
            }
            if let Output::Incoming { leg, .. } = output {
                self.ua.handle(self.clock.now(), Input::Do(Command::Take { leg }));
            }
            self.told.push(output);
        }
    }
}
