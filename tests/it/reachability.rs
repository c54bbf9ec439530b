//! Who reaches whom, asked of two analyses that share nothing: intervals and single packets. They have to agree on
//! every packet over every network drawn at random.

mod agree;
mod ask;
mod cases;
mod faults;
mod isolation;
mod joints;
mod random;
mod same;
mod sample;

use random::draw;

#[test]
fn drawn_networks_are_inventories() {
    for seed in 0..200 {
        let world = draw(seed, seed % 2 == 1);
        let resources = world.resources();
        assert!(resources.len() > 20, "seed {seed}");
        assert_eq!(draw(seed, seed % 2 == 1).lines, world.lines, "seed {seed}");
    }
}
