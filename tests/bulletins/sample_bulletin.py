"""A bulletin of our own making for the page tests: long enough for several pages, with lines of Han characters only."""

from lianfang.bulletins.document import Document, Story, Tail

LONG = (
    "各卡点值守人员按照统一安排分组轮班坚持逢车必检逢人必测对每一辆进入辖区的车辆逐一登记对每一名驾乘人员逐一测量体温"
    "对不符合通行条件的车辆和人员耐心解释劝导返回对体温异常的人员立即引导至临时观察点复测并按流程移交发热门诊处置同时做好"
    "车辆消毒和现场秩序维护确保通行有序不漏一车不落一人夜间气温较低后勤保障组为各卡点配备了取暖设备热水和热饭让值守人员"
    "能够安心在岗坚守"
)
MIXED = (
    "截至2020年2月5日18时，累计检查车辆54694辆，检查人员97044人，劝返车辆919辆，劝返人员1824人，移交发热人员14人。"
    "下一步，将继续压实责任，优化流程，在车流高峰时段增设检测通道，提高通行效率，切实守好辖区的每一道门。"
)


def bulletin(stories: int = 5, *, paragraphs: int = 1, extra: str = "") -> Document:
    """Return a bulletin of `stories` items after a leader's item, the last one longer by `extra`."""
    leader = Story("区领导到卡点和超市督导防控工作", (MIXED, LONG), "区委宣传部", leading=True)
    others = [
        Story(f"第{'一二三四五六七八九十'[n % 10]}组把好出入口", (LONG,) * paragraphs + (MIXED,), "区委宣传部")
        for n in range(stories)
    ]
    if extra:
        others.append(Story("结尾一则", (extra,), "区商务局"))
    return Document(
        masthead="上街信息",
        number="第1期",
        issuer="中共上街区委办公室",
        date="2020年2月5日",
        title=("坚定信心　众志成城", "坚决打赢疫情防控阻击战（二）"),
        stories=(leader, *others),
        tail=Tail(
            rows=(
                ("报", "市委办公厅，市疫情防控领导小组办公室。"),
                ("送", "区委、区人大、区政府、区政协领导。"),
                (
                    "发",
                    "各镇（街道）党（工）委、办事处，区直各单位，各人民团体，驻区各有关单位，区疫情防控指挥部各工作部。",
                ),
            ),
            left="责任编辑：区委办公室信息科",
            right="共印120份",
        ),
        keeping="内部资料　注意保存",
    )
