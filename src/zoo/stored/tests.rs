//! Lists of weights made up layer by layer, and what they are recognised as.

use super::layers::Listed;
use super::recognise_listed;
use crate::finding::Place;
use crate::zoo::Recognition;
use crate::zoo::recognise::ResNet;

/// A list under construction.
#[derive(Default)]
struct List(Vec<Listed>);

impl List {
    fn layer(&mut self, shapes: &[&[u64]]) {
        let weights = shapes.iter().enumerate().map(|(at, shape)| (format!("param_{at}"), shape.to_vec()));
        self.0.push(Listed { layer: format!("layer_{}", self.0.len()), weights: weights.collect() });
    }

    fn conv(&mut self, size: u64, inputs: u64, filters: u64) {
        self.layer(&[&[size, size, inputs, filters], &[filters]]);
    }

    fn norm(&mut self, channels: u64) {
        let vector = [channels];
        self.layer(&[&vector[..]; 4]);
    }

    /// The layers of ResNet50 up to its last block, the shortcuts behind the main branches.
    fn resnet50(width: u64) -> List {
        let mut list = List::default();
        list.conv(7, 3, 64);
        list.norm(64);
        let mut channels = 64;
        for (stage, count) in [3, 4, 6, 3].into_iter().enumerate() {
            let width = width << stage;
            for block in 0..count {
                list.conv(1, channels, width);
                list.norm(width);
                list.conv(3, width, width);
                list.norm(width);
                list.conv(1, width, 4 * width);
                if block == 0 {
                    list.conv(1, channels, 4 * width);
                    list.norm(4 * width);
                }
                list.norm(4 * width);
                channels = 4 * width;
            }
        }
        list
    }

    fn resnet(&self) -> ResNet {
        match recognise_listed(&self.0) {
            Some(Recognition::ResNet(resnet)) => *resnet,
            other => panic!("{other:?}"),
        }
    }

    fn name(&self) -> String {
        match recognise_listed(&self.0) {
            Some(Recognition::Other(other)) => other.name,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_resnet_is_told_by_shapes_and_order() {
    for width in [2, 16, 64] {
        let mut list = List::resnet50(width);
        list.layer(&[&[32 * width, 7], &[7]]);
        let found = list.resnet();
        assert_eq!((found.family.as_str(), found.weighted_layers), ("ResNet50", 107));
        assert_eq!((found.classes, found.departure), (Some(7), None));
        assert!(
            found.evidence.iter().any(|fact| fact.contains("does not fit the modern")),
            "{:?}",
            found.evidence
        );
    }
}

#[test]
fn a_wrong_shape_and_an_absent_layer_are_found() {
    let mut list = List::resnet50(64);
    list.0[24].weights[0].1 = vec![3, 3, 128, 100];
    let departure = list.resnet().departure.unwrap();
    assert_eq!(departure.place, Place::Layer("layer_24".into()));
    assert_eq!(
        departure.to_string(),
        "layer_24 (stage conv3, block 1, main branch): shape of the kernel: expected (3, 3, 128, 128), found (3, 3, 128, 100)"
    );

    let mut list = List::resnet50(64);
    list.0.remove(24);
    let departure = list.resnet().departure.unwrap();
    assert_eq!(
        (departure.attribute, departure.within.as_str()),
        ("layer", "stage conv3, block 1, main branch")
    );
}

#[test]
fn a_resnet_with_more_behind_it_is_a_backbone() {
    let mut list = List::resnet50(64);
    for inputs in [2048, 1024, 512] {
        list.conv(1, inputs, 256);
        list.conv(3, 256, 256);
    }
    list.conv(3, 2048, 256);
    list.conv(3, 256, 256);
    assert_eq!(list.name(), "RetinaNet or another detector on a ResNet50 backbone");
}

#[test]
fn other_networks_have_their_names() {
    let mut vgg = List::default();
    let filters = [3, 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512];
    filters.windows(2).for_each(|pair| vgg.conv(3, pair[0], pair[1]));
    assert_eq!(vgg.name(), "VGG16");

    let mut head = List::default();
    head.layer(&[&[2048, 5], &[5]]);
    assert_eq!(head.name(), "classifier head alone");
    head.layer(&[&[5, 2], &[2]]);
    assert_eq!(head.name(), "multilayer perceptron");

    let mut text = List::default();
    text.layer(&[&[100, 8]]);
    text.layer(&[&[8, 64], &[16, 64], &[64]]);
    assert_eq!(text.name(), "LSTM network");

    let mut unet = List::default();
    for (inputs, filters) in
        [(3, 8), (8, 8), (8, 16), (16, 16), (16, 32), (32, 32), (32, 16), (32, 16), (16, 16)]
    {
        unet.conv(3, inputs, filters);
    }
    for (inputs, filters) in [(16, 8), (16, 8), (8, 8), (8, 1)] {
        unet.conv(3, inputs, filters);
    }
    assert_eq!(unet.name(), "U-Net");
}

/// A CIFAR ResNet of `n` blocks a stage whose inner convolutions lost filters.
fn pruned(n: u64) -> List {
    let mut list = List::default();
    list.conv(3, 3, 16);
    list.norm(16);
    let mut channels = 16;
    for width in [16, 32, 64] {
        for block in 0..n {
            let inner = width - 1 - (5 * block + width) % 7;
            list.conv(3, channels, inner);
            list.norm(inner);
            list.conv(3, inner, width);
            if channels != width {
                list.conv(1, channels, width);
            }
            list.norm(width);
            channels = width;
        }
    }
    list.layer(&[&[64, 10], &[10]]);
    list
}

#[test]
fn a_resnet_of_which_filters_were_cut_away_is_described() {
    let list = pruned(6);
    let Some(Recognition::Other(found)) = recognise_listed(&list.0) else { panic!("it is not told") };
    assert_eq!(found.name, "residual network with blocks of irregular widths");
    assert!(
        found.residual
            && found.why.starts_with("18 pairs of 3×3 convolutions from and to the widths 16, 32, 64")
    );
    // Without the 1×1 convolutions that bridge two widths nothing shows that anything is added.
    let mut chain = List::default();
    for (inputs, filters) in [(3, 16), (16, 13), (13, 16), (16, 12), (12, 16)] {
        chain.conv(3, inputs, filters);
    }
    assert_eq!(chain.name(), "plain CNN");
}

#[test]
fn a_decoder_joins_nothing() {
    let up = |list: &mut List, given: u64, taken: u64| list.layer(&[&[5, 5, given, taken], &[given]]);
    let mut list = List::default();
    up(&mut list, 64, 16);
    up(&mut list, 32, 64);
    up(&mut list, 16, 32);
    list.conv(5, 16, 1);
    assert_eq!(list.name(), "decoder or generator");

    let mut list = List::default();
    list.conv(3, 3, 32);
    list.conv(3, 32, 64);
    up(&mut list, 16, 64);
    list.conv(3, 16, 3);
    assert_eq!(list.name(), "encoder and decoder");

    // A transposed convolution's result together with one in front of it.
    let mut list = List::default();
    for (inputs, filters) in [(1, 8), (8, 16), (16, 32)] {
        list.conv(3, inputs, filters);
    }
    up(&mut list, 16, 32);
    list.conv(3, 32, 16);
    up(&mut list, 8, 16);
    list.conv(3, 16, 8);
    list.conv(1, 8, 1);
    assert_eq!(list.name(), "U-Net");
}

#[test]
fn a_count_alone_is_no_detector_and_no_squeezenet() {
    let mut list = List::default();
    let mut inputs = 3;
    for at in 0..13 {
        list.conv(3, inputs, 16);
        if at < 11 {
            list.norm(16);
        }
        inputs = 16;
    }
    assert_eq!(list.name(), "plain CNN");

    let mut list = List::default();
    (0..25).for_each(|at| list.conv(3, if at == 0 { 3 } else { 16 }, 16));
    assert_eq!(list.name(), "plain CNN");
}

#[test]
fn the_count_of_layers_is_that_of_the_layers_inside_a_model() {
    let mut list = List::default();
    let inner = |at: usize| {
        [(format!("conv1d_{at}/kernel:0"), vec![3, 6, 6]), (format!("conv1d_{at}/bias:0"), vec![6])]
    };
    for group in 0..2 {
        list.0.push(Listed { layer: format!("model_{group}"), weights: (0..4).flat_map(inner).collect() });
    }
    let Some(Recognition::Unknown(unknown)) = recognise_listed(&list.0) else { panic!("it has a name") };
    assert!(unknown.facts[0].starts_with("8 layers with weights in 2 groups"), "{unknown:?}");
    list.0.truncate(0);
    list.layer(&[&[5], &[7]]);
    let Some(Recognition::Unknown(unknown)) = recognise_listed(&list.0) else { panic!("it has a name") };
    assert!(unknown.facts[0].starts_with("1 layers with weights,"), "{unknown:?}");
}

#[test]
fn what_fits_nothing_is_unknown_and_nothing_is_nothing() {
    let mut list = List::default();
    list.layer(&[&[5], &[7]]);
    assert!(matches!(recognise_listed(&list.0), Some(Recognition::Unknown(_))));
    assert!(recognise_listed(&[]).is_none());
}
