//! Weights that were published, known by the MD5 of the whole file.
//!
//! Sources: the tables that `keras.applications` checks its downloads with, in Keras 1.2.2, 2.0.8, 2.2.4 and 3.15.1.

/// A published file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Official {
    /// Its name there; two different files may have one name.
    pub file: &'static str,
    /// MD5 in hexadecimal.
    pub md5: &'static str,
    /// Who published it.
    pub release: &'static str,
    /// What it is made for.
    pub loader: &'static str,
}

/// Files of one release: name and MD5.
struct Release {
    name: &'static str,
    loader: &'static str,
    files: &'static [(&'static str, &'static str)],
}

const RELEASES: &[Release] = &[
    Release {
        name: "keras.applications, modern ResNets",
        loader: "`keras.applications.resnet` and `resnet_v2`: tf.keras from TensorFlow 1.15, Keras from 2.2.5",
        files: &[
            ("resnet50_weights_tf_dim_ordering_tf_kernels.h5", "2cb95161c43110f7111970584f804107"),
            ("resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5", "4d473c1dd8becc155b73f8504c6f6626"),
            ("resnet101_weights_tf_dim_ordering_tf_kernels.h5", "f1aeb4b969a6efcfb50fad2f0c20cfc5"),
            ("resnet101_weights_tf_dim_ordering_tf_kernels_notop.h5", "88cf7a10940856eca736dc7b7e228a21"),
            ("resnet152_weights_tf_dim_ordering_tf_kernels.h5", "100835be76be38e30d865e96f2aaae62"),
            ("resnet152_weights_tf_dim_ordering_tf_kernels_notop.h5", "ee4c566cf9a93f14d82f913c2dc6dd0c"),
            ("resnet50v2_weights_tf_dim_ordering_tf_kernels.h5", "3ef43a0b657b3be2300d5770ece849e0"),
            ("resnet50v2_weights_tf_dim_ordering_tf_kernels_notop.h5", "fac2f116257151a9d068a22e544a4917"),
            ("resnet101v2_weights_tf_dim_ordering_tf_kernels.h5", "6343647c601c52e1368623803854d971"),
            ("resnet101v2_weights_tf_dim_ordering_tf_kernels_notop.h5", "c0ed64b8031c3730f411d2eb4eea35b5"),
            ("resnet152v2_weights_tf_dim_ordering_tf_kernels.h5", "a49b44d1979771252814e80f8ec446f9"),
            ("resnet152v2_weights_tf_dim_ordering_tf_kernels_notop.h5", "ed17cf2e0169df9d443503ef94b23b33"),
            ("resnext50_weights_tf_dim_ordering_tf_kernels.h5", "67a5b30d522ed92f75a1f16eef299d1a"),
            ("resnext50_weights_tf_dim_ordering_tf_kernels_notop.h5", "62527c363bdd9ec598bed41947b379fc"),
            ("resnext101_weights_tf_dim_ordering_tf_kernels.h5", "34fb605428fcc7aa4d62f44404c11509"),
            ("resnext101_weights_tf_dim_ordering_tf_kernels_notop.h5", "0f678c91647380debd923963594981b3"),
        ],
    },
    Release {
        name: "deep-learning-models, release 0.2",
        loader: "`keras.applications.resnet50` of Keras 1.1 to 2.3 on TensorFlow",
        files: &[
            ("resnet50_weights_tf_dim_ordering_tf_kernels.h5", "a7b3fe01876f51b976af0dea6bc144eb"),
            ("resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5", "a268eb855778b3df3c7506639542a6af"),
        ],
    },
    Release {
        name: "deep-learning-models, release 0.2",
        loader: "`keras.applications.inception_v3` of Keras 1.2 on TensorFlow",
        files: &[
            ("inception_v3_weights_tf_dim_ordering_tf_kernels.h5", "fe114b3ff2ea4bf891e9353d1bbfb32f"),
            ("inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5", "2f3609166de1d967d1a481094754f691"),
        ],
    },
    Release {
        name: "deep-learning-models, release 0.2",
        loader: "`keras.applications` of Keras 1.1 and 1.2 on Theano",
        files: &[
            ("resnet50_weights_th_dim_ordering_th_kernels.h5", "1c1f8f5b0c8ee28fe9d950625a230e1c"),
            ("resnet50_weights_th_dim_ordering_th_kernels_notop.h5", "f64f049c92468c9affcd44b0976cdafe"),
            ("inception_v3_weights_th_dim_ordering_th_kernels.h5", "b3baf3070cc4bf476d43a2ea61b0ca5f"),
            ("inception_v3_weights_th_dim_ordering_th_kernels_notop.h5", "79aaa90ab4372b4593ba3df64e142f05"),
        ],
    },
    Release {
        name: "keras.applications",
        loader: "`keras.applications` of Keras 2 and 3",
        files: &[
            ("vgg16_weights_tf_dim_ordering_tf_kernels.h5", "64373286793e3c8b2b4e3219cbf3544b"),
            ("vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5", "6d6bbae143d832006294945121d1f1fc"),
            ("vgg19_weights_tf_dim_ordering_tf_kernels.h5", "cbe5617147190e668d6c5d5026f83318"),
            ("vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5", "253f8cb515780f3b799900260a226db6"),
            ("inception_v3_weights_tf_dim_ordering_tf_kernels.h5", "9a0d58056eeedaa3f26cb7ebd46da564"),
            ("inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5", "bcbd6486424b2319ff4ef7d526e38f63"),
            ("inception_resnet_v2_weights_tf_dim_ordering_tf_kernels.h5", "e693bd0210a403b3192acc6073ad2e96"),
            (
                "inception_resnet_v2_weights_tf_dim_ordering_tf_kernels_notop.h5",
                "d19885ff4a710c122648d3b5c3b684e4",
            ),
            ("xception_weights_tf_dim_ordering_tf_kernels.h5", "0a58e3b7378bc2990ea3b43d5981f1f6"),
            ("xception_weights_tf_dim_ordering_tf_kernels_notop.h5", "b0042744bf5b25fce3cb969f33bebb97"),
            ("densenet121_weights_tf_dim_ordering_tf_kernels.h5", "9d60b8095a5708f2dcce2bca79d332c7"),
            ("densenet169_weights_tf_dim_ordering_tf_kernels.h5", "d699b8f76981ab1b30698df4c175e90b"),
            ("densenet201_weights_tf_dim_ordering_tf_kernels.h5", "1ceb130c1ea1b78c3bf6114dbdfd8807"),
            ("densenet121_weights_tf_dim_ordering_tf_kernels_notop.h5", "30ee3e1110167f948a6b9946edeeb738"),
            ("densenet169_weights_tf_dim_ordering_tf_kernels_notop.h5", "b8c4d4c20dd625c148057b9ff1c1176b"),
            ("densenet201_weights_tf_dim_ordering_tf_kernels_notop.h5", "c13680b51ded0fb44dff2d8f86ac8bb1"),
            ("nasnet_mobile.h5", "020fb642bf7360b370c678b08e0adf61"),
            ("nasnet_mobile_no_top.h5", "1ed92395b5b598bdda52abe5c0dbfd63"),
            ("nasnet_large.h5", "11577c9a518f0070763c2b964a382f17"),
            ("nasnet_large_no_top.h5", "d81d89dc07e6e56530c4e77faddd61b5"),
            ("efficientnetb0.h5", "902e53a9f72be733fc0bcb005b3ebbac"),
            ("efficientnetb0_notop.h5", "50bc09e76180e00e4465e1a485ddc09d"),
            ("efficientnetb1.h5", "1d254153d4ab51201f1646940f018540"),
            ("efficientnetb1_notop.h5", "74c4e6b3e1f6a1eea24c589628592432"),
            ("efficientnetb2.h5", "b15cce36ff4dcbd00b6dd88e7857a6ad"),
            ("efficientnetb2_notop.h5", "111f8e2ac8aa800a7a99e3239f7bfb39"),
            ("efficientnetb3.h5", "ffd1fdc53d0ce67064dc6a9c7960ede0"),
            ("efficientnetb3_notop.h5", "af6d107764bb5b1abb91932881670226"),
            ("efficientnetb4.h5", "18c95ad55216b8f92d7e70b3a046e2fc"),
            ("efficientnetb4_notop.h5", "ebc24e6d6c33eaebbd558eafbeedf1ba"),
            ("efficientnetb5.h5", "ace28f2a6363774853a83a0b21b9421a"),
            ("efficientnetb5_notop.h5", "38879255a25d3c92d5e44e04ae6cec6f"),
            ("efficientnetb6.h5", "165f6e37dce68623721b423839de8be5"),
            ("efficientnetb6_notop.h5", "9ecce42647a20130c1f39a5d4cb75743"),
            ("efficientnetb7.h5", "8c03f828fec3ef71311cd463b6759d99"),
            ("efficientnetb7_notop.h5", "cbcfe4450ddf6f3ad90b1b398090fe4a"),
            ("efficientnetv2b0.h5", "21ecbf6da12460d5c40bb2f29ceb2188"),
            ("efficientnetv2b0_notop.h5", "893217f2bb855e2983157299931e43ff"),
            ("efficientnetv2b1.h5", "069f0534ff22adf035c89e2d9547a9dc"),
            ("efficientnetv2b1_notop.h5", "0e80663031ca32d657f9caa404b6ec37"),
            ("efficientnetv2b2.h5", "424e49f28180edbde1e94797771950a7"),
            ("efficientnetv2b2_notop.h5", "1dfe2e7a5d45b6632553a8961ea609eb"),
            ("efficientnetv2b3.h5", "1f1fc43bd98a6e4fd8fdfd551e02c7a0"),
            ("efficientnetv2b3_notop.h5", "f6abf7b5849ac99a89b50dd3fd532856"),
            ("efficientnetv2-s.h5", "e1d88a8495beba45748fedd0cecbe016"),
            ("efficientnetv2-s_notop.h5", "af0682fb74e8c54910f2d4393339c070"),
            ("efficientnetv2-m.h5", "a3bf6aa3276309f4fc6a34aa114c95cd"),
            ("efficientnetv2-m_notop.h5", "1b8dc055df72dde80d614482840fe342"),
            ("efficientnetv2-l.h5", "27e6d408b53c7ebc868fefa357689935"),
            ("efficientnetv2-l_notop.h5", "b0b66b5c863aef5b46e8608fe1711615"),
        ],
    },
];

fn all() -> impl Iterator<Item = Official> {
    RELEASES.iter().flat_map(|release| {
        let official = |&(file, md5)| Official { file, md5, release: release.name, loader: release.loader };
        release.files.iter().map(official)
    })
}

/// The published file with this MD5, in small letters.
pub fn by_md5(md5: &str) -> Option<Official> {
    all().find(|official| official.md5 == md5)
}

/// The published files with this name, a browser's `(1)` behind the stem not counted.
pub fn by_name(name: &str) -> Vec<Official> {
    let plain = without_copy_number(name);
    all().filter(|official| official.file == plain).collect()
}

fn without_copy_number(name: &str) -> String {
    let Some((stem, rest)) = name.rsplit_once('(') else { return name.to_string() };
    match rest.split_once(')') {
        Some((number, ending)) if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) => {
            format!("{}{ending}", stem.trim_end())
        }
        _ => name.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_checksum_is_one_and_there_once() {
        let mut seen = std::collections::HashSet::new();
        for official in all() {
            assert!(
                official.md5.len() == 32 && official.md5.bytes().all(|b| b"0123456789abcdef".contains(&b))
            );
            assert!(seen.insert(official.md5), "{}", official.file);
            assert_eq!(by_md5(official.md5), Some(official));
            assert!(by_name(official.file).contains(&official));
        }
    }

    #[test]
    fn one_name_stands_for_the_classic_and_the_modern_file() {
        let found = by_name("resnet50_weights_tf_dim_ordering_tf_kernels (1).h5");
        assert_eq!(found.len(), 2);
        assert_ne!(found[0].md5, found[1].md5);
        assert!(by_name("model (final).h5").is_empty());
    }
}
