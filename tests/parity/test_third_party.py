"""torchvision's model files run on minigrad, load PyTorch's state_dicts, and agree with PyTorch.

Each is built small. What is compared, in float64: the names and shapes in the state_dict, the
output in evaluation, output, gradients of all parameters and of the image, and the buffers in
training. Dropout is switched off: its random numbers differ.
"""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from tests.parity.third_party import torchvision

torch = pytest.importorskip("torch")
pytestmark = [pytest.mark.parity, pytest.mark.usefixtures("one_thread_each")]


@pytest.fixture(scope="module")
def sources():
    try:
        return torchvision(torch), torchvision(mg)
    except FileNotFoundError as error:
        pytest.skip(str(error))


def alexnet(load, nn):
    net = load("models.alexnet").AlexNet()
    net.classifier = nn.Sequential(nn.Flatten(), nn.Linear(9216, 5))  # its own has 55 M parameters
    return net


def vgg(load, nn):
    vgg = load("models.vgg")
    layers = vgg.make_layers(vgg.cfgs["A"][:5], batch_norm=True)
    net = vgg.VGG(layers, init_weights=False)
    net.classifier = nn.Linear(256 * 7 * 7, 5)  # as above: 123 M
    return net


def resnet(load, nn):
    resnet = load("models.resnet")
    return resnet.ResNet(resnet.BasicBlock, [1, 1, 1, 1], num_classes=5)


def resnext(load, nn):
    """Groups, dilation in the place of strides, a block's last BatchNorm that begins at 0."""
    resnet = load("models.resnet")
    return resnet.ResNet(
        resnet.Bottleneck, [1, 2, 1, 1], 5, zero_init_residual=True, groups=4, width_per_group=8,
        replace_stride_with_dilation=[False, True, True],
    )  # fmt: skip


def squeezenet1_0(load, nn):
    return load("models.squeezenet").SqueezeNet("1_0", num_classes=5)


def squeezenet1_1(load, nn):
    return load("models.squeezenet").SqueezeNet("1_1", num_classes=5)


def densenet(load, nn):
    return load("models.densenet").DenseNet(4, (2, 2), 8, num_classes=5)


def densenet_with_checkpoints(load, nn):
    return load("models.densenet").DenseNet(4, (2, 2), 8, num_classes=5, memory_efficient=True)


def googlenet(load, nn):
    return load("models.googlenet").GoogLeNet(5, transform_input=True, init_weights=False)


def inception(load, nn):
    return load("models.inception").Inception3(5, aux_logits=False, init_weights=False)


def inception_with_auxiliary(load, nn):
    return load("models.inception").Inception3(5, transform_input=True, init_weights=True)


def mobilenetv2(load, nn):
    return load("models.mobilenetv2").MobileNetV2(5, width_mult=0.25)


def mobilenetv3(load, nn):
    mobilenet = load("models.mobilenetv3")
    setting = mobilenet._mobilenet_v3_conf("mobilenet_v3_small", width_mult=0.5)
    return mobilenet.MobileNetV3(*setting, num_classes=5)


def shufflenetv2(load, nn):
    return load("models.shufflenetv2").ShuffleNetV2([2, 2, 2], [8, 16, 24, 32, 64], 5)


def mnasnet(load, nn):
    return load("models.mnasnet").MNASNet(0.35, 5)


def efficientnet(load, nn):
    efficientnet = load("models.efficientnet")
    setting = [
        efficientnet.MBConvConfig(1, 3, 1, 32, 16, 1, 0.25, 0.5),
        efficientnet.MBConvConfig(6, 5, 2, 16, 24, 2, 0.25, 0.5),
        efficientnet.FusedMBConvConfig(4, 3, 2, 8, 16, 2),
    ]
    return efficientnet.EfficientNet(setting, 0.2, stochastic_depth_prob=0.0, num_classes=5)


def regnet(load, nn):
    regnet = load("models.regnet")
    blocks = regnet.BlockParams([1, 2], [8, 16], [4, 8], [1.0, 1.0], [2, 2], 0.25)
    return regnet.RegNet(blocks, 5, stem_width=8)


def convnext(load, nn):
    convnext = load("models.convnext")
    blocks = [convnext.CNBlockConfig(8, 16, 1), convnext.CNBlockConfig(16, None, 2)]
    return convnext.ConvNeXt(blocks, layer_scale=0.5, num_classes=5)


def vision_transformer(load, nn):
    return load("models.vision_transformer").VisionTransformer(32, 8, 2, 4, 16, 32, num_classes=5)


def swin(load, nn):
    return load("models.swin_transformer").SwinTransformer(
        [2, 2], 8, [2, 2], [2, 4], [3, 3], stochastic_depth_prob=0.0, num_classes=5
    )


def swin_v2(load, nn):
    swin = load("models.swin_transformer")
    return swin.SwinTransformer(
        [2, 2], 8, [2, 2], [2, 4], [4, 4], stochastic_depth_prob=0.0, num_classes=5,
        block=swin.SwinTransformerBlockV2, downsample_layer=swin.PatchMergingV2,
    )  # fmt: skip


def maxvit(load, nn):
    return load("models.maxvit").MaxVit((32, 32), 8, 4, [8, 16], [1, 2], 4, 0.0, num_classes=5)


def backbone(load):
    """A small ResNet up to its last image, which comes as `out`, and the one before as `aux`."""
    getter = load("models._utils").IntermediateLayerGetter
    return getter(resnet(load, None), {"layer3": "aux", "layer4": "out"})


def fcn(load, nn):
    fcn = load("models.segmentation.fcn")
    return fcn.FCN(backbone(load), fcn.FCNHead(512, 5), fcn.FCNHead(256, 5))


def deeplabv3(load, nn):
    deeplab = load("models.segmentation.deeplabv3")
    return deeplab.DeepLabV3(backbone(load), deeplab.DeepLabHead(512, 5, (1, 2, 3)), None)


def lraspp(load, nn):
    getter = load("models._utils").IntermediateLayerGetter
    net = getter(resnet(load, None), {"layer2": "low", "layer4": "high"})
    return load("models.segmentation.lraspp").LRASPP(net, 128, 512, 5, 16)


def video_resnet(load, conv, stem):
    resnet = load("models.video.resnet")
    convs = [getattr(resnet, conv)] * 4
    return resnet.VideoResNet(resnet.BasicBlock, convs, [1, 1, 1, 1], getattr(resnet, stem), 5)


def r3d(load, nn):
    return video_resnet(load, "Conv3DSimple", "BasicStem")


def r2plus1d(load, nn):
    return video_resnet(load, "Conv2Plus1D", "R2Plus1dStem")


def swin3d(load, nn):
    return load("models.video.swin_transformer").SwinTransformer3d(
        [2, 4, 4], 8, [2, 2], [2, 4], [2, 3, 3], stochastic_depth_prob=0.0, num_classes=5
    )


def mvit(load, nn):
    mvit = load("models.video.mvit")
    blocks = [
        mvit.MSBlockConfig(1, 8, 8, [3, 3, 3], [3, 3, 3], [1, 1, 1], [1, 2, 2]),
        mvit.MSBlockConfig(2, 8, 16, [3, 3, 3], [3, 3, 3], [1, 2, 2], [1, 2, 2]),
    ]
    return mvit.MViT(
        (16, 16), 4, blocks, residual_pool=True, residual_with_cls_embed=False, rel_pos_embed=True,
        proj_after_attn=True, stochastic_depth_prob=0.0, num_classes=5,
    )  # fmt: skip


MODELS = [  # and the height and width of the image; of a film, its length too
    (alexnet, (64, 64)),
    (vgg, (32, 32)),
    (resnet, (32, 32)),
    (resnext, (32, 32)),
    (squeezenet1_0, (48, 48)),
    (squeezenet1_1, (48, 48)),
    (densenet, (32, 32)),
    (densenet_with_checkpoints, (32, 32)),
    (googlenet, (32, 32)),
    (inception, (75, 75)),
    pytest.param(inception_with_auxiliary, (299, 299), marks=pytest.mark.nightly),
    (mobilenetv2, (32, 32)),
    (mobilenetv3, (64, 64)),
    (shufflenetv2, (32, 32)),
    (mnasnet, (32, 32)),
    (efficientnet, (32, 32)),
    (regnet, (32, 32)),
    (convnext, (32, 32)),
    (vision_transformer, (32, 32)),
    (swin, (30, 26)),
    (swin_v2, (32, 32)),
    (maxvit, (32, 32)),
    (fcn, (32, 32)),
    (deeplabv3, (32, 32)),
    (lraspp, (32, 32)),
    (r3d, (4, 16, 16)),
    (r2plus1d, (4, 16, 16)),
    (swin3d, (4, 16, 16)),
    (mvit, (4, 16, 16)),
]


@pytest.mark.parametrize(("build", "size"), MODELS, ids=lambda x: getattr(x, "__name__", "of"))
def test_agrees_with_pytorch(sources, build, size):
    torch.manual_seed(0)
    theirs, ours = (build(s.load, s.T.nn).double() for s in sources)
    for net, nn in ((theirs, torch.nn), (ours, mg.nn)):
        for module in net.modules():
            if isinstance(module, nn.Dropout):
                module.p = 0.0
    state = theirs.state_dict()
    assert {k: v.shape for k, v in ours.state_dict().items()} == {
        k: tuple(v.shape) for k, v in state.items()
    }
    assert list(ours.state_dict()) == list(state)
    assert repr(ours.load_state_dict(state)) == "<All keys matched successfully>"

    image = np.random.default_rng(0).standard_normal((2, 3, *size))
    with torch.no_grad(), mg.no_grad():
        compare(outputs(ours.eval()(mg.tensor(image))), outputs(theirs.eval()(torch.tensor(image))))

    results = {}
    for net, T in ((theirs, torch), (ours, mg)):
        x = T.tensor(image, requires_grad=True)
        found = outputs(net.train()(x))
        named = [("image", x), *net.named_parameters()]
        results[T] = {**found, **gradients(T, named, found), **net.state_dict()}
    compare(results[mg], results[torch])


def outputs(result):
    """What a model returns by name; GoogLeNet returns several in training, an FCN always."""
    if hasattr(result, "_asdict"):
        return result._asdict()
    return dict(result) if isinstance(result, dict) else {"out": result}


def gradients(T, named, found):
    """The gradients of what is `named`, of the sum of all that was found with random weights."""
    rng = np.random.default_rng(1)
    weights = {name: rng.standard_normal(tuple(y.shape)) for name, y in found.items()}
    sum((y * T.tensor(weights[name], dtype=y.dtype)).sum() for name, y in found.items()).backward()
    return {f"grad of {name}": t.grad for name, t in named}


def compare(ours, theirs):
    assert list(ours) == list(theirs)
    for name, expected in theirs.items():
        if expected is None:
            assert ours[name] is None
            continue
        expected = expected.detach().numpy()
        largest = np.abs(expected).max(initial=1.0)
        np.testing.assert_allclose(
            ours[name].detach().numpy(), expected, rtol=1e-6, atol=1e-9 * largest, err_msg=name
        )


def test_optical_flow_agrees_with_pytorch(sources):
    """RAFT: pictures looked up along a grid, a GRU, its results at every step. In float32, as it is
    written; what is compared is the flow between two images, and all gradients."""
    torch.manual_seed(0)
    images = np.random.default_rng(0).standard_normal((2, 1, 3, 128, 128)).astype(np.float32)
    nets, results = [], []
    for source in sources:
        raft = source.load("models.optical_flow.raft")
        net = raft._raft(
            feature_encoder_layers=(8, 8, 8, 8, 16), feature_encoder_block=raft.ResidualBlock,
            feature_encoder_norm_layer=source.T.nn.InstanceNorm2d,
            context_encoder_layers=(8, 8, 8, 8, 32), context_encoder_block=raft.ResidualBlock,
            context_encoder_norm_layer=source.T.nn.BatchNorm2d,
            corr_block_num_levels=2, corr_block_radius=2, motion_encoder_corr_layers=(8, 8),
            motion_encoder_flow_layers=(8, 8), motion_encoder_out_channels=16,
            recurrent_block_hidden_state_size=16, recurrent_block_kernel_size=((1, 5), (5, 1)),
            recurrent_block_padding=((0, 2), (2, 0)), flow_head_hidden_size=8,
            use_mask_predictor=True,
        )  # fmt: skip
        nets.append(net)
        net.load_state_dict(nets[0].state_dict())
        flows = net(*map(source.T.tensor, images), num_flow_updates=3)
        found = {f"flow {i}": flow for i, flow in enumerate(flows)}
        results.append({**found, **gradients(source.T, net.named_parameters(), found)})
    for name, theirs in results[0].items():
        theirs = theirs.detach().numpy()
        largest = np.abs(theirs).max(initial=0.1)
        np.testing.assert_allclose(
            results[1][name].detach().numpy(), theirs, atol=1e-3 * largest, err_msg=name
        )


@pytest.mark.parametrize(
    ("module", "builder", "weights"),
    [
        ("squeezenet", "squeezenet1_1", "SqueezeNet1_1_Weights"),
        ("shufflenetv2", "shufflenet_v2_x0_5", "ShuffleNet_V2_X0_5_Weights"),
        ("mobilenetv3", "mobilenet_v3_small", "MobileNet_V3_Small_Weights"),
        ("densenet", "densenet121", "DenseNet121_Weights"),
        ("efficientnet", "efficientnet_b0", "EfficientNet_B0_Weights"),
        ("regnet", "regnet_y_400mf", "RegNet_Y_400MF_Weights"),
        ("resnet", "resnet18", "ResNet18_Weights"),
    ],
)
def test_as_many_parameters_as_published(sources, module, builder, weights):
    module = sources[1].load(f"models.{module}")
    net = getattr(module, builder)(weights=None)
    published = getattr(module, weights).DEFAULT.meta["num_params"]
    assert sum(p.numel() for p in net.parameters()) == published
