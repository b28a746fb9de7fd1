//! The order in which SRV records are tried (RFC 2782): by priority, and by weighted chance within one.

/// What one SRV record says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Service {
    /// The lowest is tried first.
    pub(super) priority: u16,
    /// Its share among those of the same priority.
    pub(super) weight: u16,
    /// The host.
    pub(super) host: String,
    /// Its port.
    pub(super) port: u16,
}

/// Orders the services; `chance(n)` gives a number from 0 to `n`, each as likely.
pub(super) fn order(mut services: Vec<Service>, mut chance: impl FnMut(u32) -> u32) -> Vec<Service> {
    // Within a priority the weightless come first: they are chosen when chance gives 0 only.
    services.sort();
    let mut ordered = Vec::with_capacity(services.len());
    while let Some(first) = services.first() {
        let priority = first.priority;
        let equals = services.iter().take_while(|service| service.priority == priority);
        let sum: u32 = equals.clone().map(|service| u32::from(service.weight)).sum();
        let drawn = chance(sum);
        let mut running = 0;
        let place = equals
            .take_while(|service| {
                running += u32::from(service.weight);
                running < drawn
            })
            .count();
        ordered.push(services.remove(place.min(services.len() - 1)));
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(priority: u16, weight: u16, host: &str) -> Service {
        Service {
            priority,
            weight,
            host: host.to_owned(),
            port: 5060,
        }
    }

    fn hosts(services: Vec<Service>, chance: impl FnMut(u32) -> u32) -> String {
        let ordered = order(services, chance);
        ordered.iter().map(|service| service.host.as_str()).collect()
    }

    #[test]
    fn a_lower_priority_is_tried_first_whatever_the_weight() {
        let services = || vec![service(20, 100, "c"), service(10, 0, "a"), service(10, 0, "b")];
        for drawn in [0, u32::MAX] {
            assert!(hosts(services(), |most| drawn.min(most)).ends_with('c'), "{drawn}");
        }
    }

    #[test]
    fn within_a_priority_each_comes_first_as_often_as_its_weight_says() {
        let services = || vec![service(10, 1, "a"), service(10, 3, "b")];
        // Sorted a, b with running sums 1 and 4: of the draws 0 to 4, two take a and three take b.
        let firsts: String = (0..=4)
            .map(|drawn| hosts(services(), move |most| drawn.min(most)).remove(0))
            .collect();
        assert_eq!(firsts, "aabbb");
    }

    #[test]
    fn none_is_lost() {
        let services = vec![
            service(1, 5, "a"),
            service(1, 0, "b"),
            service(1, 5, "c"),
            service(2, 7, "d"),
        ];
        let mut ordered: Vec<char> = hosts(services, |most| most).chars().collect();
        ordered.sort_unstable();
        assert_eq!(ordered, ['a', 'b', 'c', 'd']);
        assert_eq!(hosts(Vec::new(), |most| most), "");
    }
}
