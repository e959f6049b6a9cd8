//! What a program's functions reach: every call, and every address that is taken.

mod branches;
mod map;
mod read;

pub(crate) use read::read;

/// Functions and data of a program, and which of them hold the address of which.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    pub(crate) nodes: Vec<Node>,
}

/// A function, a piece of data, or what lies between two of them.
#[derive(Debug, Default)]
pub(crate) struct Node {
    /// Names of the symbols that begin in it.
    pub(crate) names: Vec<String>,
    pub(crate) is_code: bool,
    /// It has an instruction that ends the program.
    pub(crate) traps: bool,
    /// It calls a function by a pointer.
    pub(crate) calls_pointers: bool,
    /// It jumps where a register says.
    pub(crate) jumps_to_computed: bool,
    /// What it branches to, calls, or has the address of.
    pub(crate) edges: Vec<usize>,
    /// Names of such as are not in the program: functions in a ROM, ends of memory.
    pub(crate) outside: Vec<String>,
}

/// What is reached from some nodes.
pub(crate) struct Reached<'g> {
    graph: &'g Graph,
    /// For each node that is reached: where from, which is itself for those at the beginning.
    from: Vec<Option<usize>>,
}

impl Graph {
    /// Follows all edges from the nodes that `is_root` chooses. Whoever has the address of a
    /// function is taken to call it, and who has the address of data to have what is in it.
    /// No edge is followed from a function that `is_beyond` knows by its name.
    pub(crate) fn reach(
        &self,
        is_root: impl Fn(&Node) -> bool,
        is_beyond: impl Fn(&str) -> bool,
    ) -> Reached<'_> {
        let mut from = vec![None; self.nodes.len()];
        let mut waiting: Vec<usize> =
            (0..self.nodes.len()).filter(|&index| is_root(&self.nodes[index])).collect();
        for &root in &waiting {
            from[root] = Some(root);
        }
        let mut next = 0;
        while let Some(&index) = waiting.get(next) {
            next += 1;
            if self.nodes[index].names.iter().any(|name| is_beyond(name)) {
                continue;
            }
            for &edge in &self.nodes[index].edges {
                if from[edge].is_none() {
                    from[edge] = Some(index);
                    waiting.push(edge);
                }
            }
        }
        Reached { graph: self, from }
    }

    /// Whether a node goes on where a pointer says, not only by tables of its own places.
    pub(crate) fn follows_pointers(&self, node: &Node) -> bool {
        let is_table = |edge: &usize| self.nodes[*edge].names.iter().any(|it| it.contains(".LJTI"));
        node.calls_pointers || node.jumps_to_computed && !node.edges.iter().any(is_table)
    }
}

impl Node {
    /// Its first name.
    pub(crate) fn name(&self) -> &str {
        self.names.first().map_or("(no name)", |name| name)
    }
}

impl Reached<'_> {
    /// What is reached.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = &Node> {
        let nodes = self.graph.nodes.iter().zip(&self.from);
        nodes.filter(|(_, from)| from.is_some()).map(|(node, _)| node)
    }

    /// For each node that is reached and `is_bad`, the names on the shortest way to it.
    pub(crate) fn paths_to(&self, is_bad: impl Fn(&Node) -> bool) -> Vec<Vec<&str>> {
        let is_reached = |index: &usize| self.from[*index].is_some();
        let bad = (0..self.from.len()).filter(is_reached);
        bad.filter(|&index| is_bad(&self.graph.nodes[index])).map(|end| self.path(end)).collect()
    }

    fn path(&self, end: usize) -> Vec<&str> {
        let mut path = vec![self.graph.nodes[end].name()];
        let mut at = end;
        while let Some(from) = self.from[at].filter(|&from| from != at) {
            at = from;
            path.push(self.graph.nodes[at].name());
        }
        path.reverse();
        path
    }
}

#[cfg(test)]
mod tests {
    use super::{Graph, Node};

    fn graph(edges: &[(&str, &[usize])]) -> Graph {
        let node = |&(name, edges): &(&str, &[usize])| Node {
            names: vec![name.to_owned()],
            edges: edges.to_vec(),
            ..Node::default()
        };
        Graph { nodes: edges.iter().map(node).collect() }
    }

    #[test]
    fn all_that_is_reached_has_its_shortest_path() {
        let graph = graph(&[
            ("a", &[1, 2]),
            ("b", &[0, 3]),
            ("c", &[1]),
            ("table", &[4]),
            ("panic", &[]),
            ("main", &[0, 4]),
        ]);
        let reached = graph.reach(|node| node.name() == "a", |_| false);
        assert_eq!(reached.nodes().count(), 5);
        let is_panic = |node: &Node| node.name() == "panic";
        assert_eq!(reached.paths_to(is_panic), [["a", "b", "table", "panic"]]);
        let none = graph.reach(|node| node.name() == "panic", |_| false);
        assert_eq!((none.nodes().count(), none.paths_to(is_panic)), (1, vec![vec!["panic"]]));
        assert!(graph.reach(|_| false, |_| false).paths_to(is_panic).is_empty());
        // Nobody looks beyond the table, and everybody up to it.
        let short = graph.reach(|node| node.name() == "a", |name| name == "table");
        assert_eq!((short.nodes().count(), short.paths_to(is_panic).len()), (4, 0));
    }
}
