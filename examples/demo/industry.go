package demo

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// A trade is an industry's sample field: who there is to call on, and what a call leaves behind.
// Its stories are those of every starter workspace: rep-3 does nothing in the fourth week, the
// third place orders and falls silent, calls that do not count are among them, and leads come.
type trade struct {
	cities []string // what places are called
	begin  func(f *field, place int, name string)
	call   func(f *field, c call)
}

// call is one call of a rep at a place.
type call struct {
	rep, place, nth int // nth: which call at the place this is
	at              time.Time
	good            bool // it will count
}

const (
	tradeReps   = 6
	tradePlaces = 36
	idleRep     = 3
	silentPlace = 2
)

func trades() map[string]trade {
	return map[string]trade{
		"fmcg":    {[]string{"光明路", "昌里路", "德州", "上南", "灵岩", "云莲"}, beginStore, shelfCall},
		"medical": {[]string{"陈主任", "林组长", "周科长", "吴主任", "郑老师", "孙主任"}, beginContact, hospitalCall},
		"auto":    {[]string{"顺达", "永兴", "鑫源", "宏图", "老赵", "车友"}, beginStore, garageCall},
	}
}

// Industry returns six weeks of records for the starter workspace of an industry, in the order in
// which they are received; nil where there is none. The same records come every time.
func Industry(name string) [][]byte {
	t, ok := trades()[name]
	if !ok {
		return nil
	}
	f := &field{dice: seed, count: map[string]int{}}
	first := start().Add(8 * time.Hour)
	f.add("Rep", "boss", first, fields{"name": "王经理"})
	for i := range tradeReps {
		f.add("Rep", personID(i), first, fields{"name": "业务员" + strconv.Itoa(i+1), "manager": "boss",
			"region": regionOf(i)})
	}
	for i := range tradePlaces {
		t.begin(f, i, fmt.Sprintf("%s%d号", t.cities[i%len(t.cities)], i/len(t.cities)+1))
	}
	calls := make([]int, tradePlaces)
	for day := range dayCount {
		if day%7 < 5 {
			f.tradeDay(t, day, calls)
		}
	}
	slices.SortStableFunc(f.entries, func(a, b entry) int { return a.received.Compare(b.received) })
	var out [][]byte
	for _, e := range f.entries {
		out = append(out, e.line)
	}
	return out
}

func personID(i int) string { return "rep-" + strconv.Itoa(i) }
func placeID(i int) string  { return "place-" + strconv.Itoa(i) }

func regionOf(i int) string { return []string{"east", "west"}[i%2] }

// spot is where a place lies.
func spot(i int) []float64 {
	return []float64{31.20 + float64(i)/1000, 121.45 + float64(i)/1000}
}

// tradeDay is everybody's workday: three calls each, some orders, a lead.
func (f *field) tradeDay(t trade, day int, calls []int) {
	morning := start().AddDate(0, 0, day)
	for rep := range tradeReps {
		first := f.dice.Below(tradePlaces / tradeReps)
		for i := range 3 {
			place := (first+i)%(tradePlaces/tradeReps)*tradeReps + rep
			at := morning.Add(time.Duration(10*60+i*120+f.dice.Below(60)) * time.Minute)
			good, orders := f.dice.Below(5) > 0, f.dice.Below(4) == 0
			amount := 500 + 10*f.dice.Below(300)
			if rep == idleRep && day/7 == 3 {
				continue
			}
			t.call(f, call{rep, place, calls[place], at, good})
			calls[place]++
			if place == silentPlace {
				orders = calls[place] == 1
			}
			if orders {
				f.add("Order", f.id("order"), at.Add(30*time.Minute),
					f.whose(place, fields{"rep": personID(rep), "amount": amount}))
			}
		}
	}
	f.add("Lead", f.id("lead"), morning.Add(9*time.Hour), fields{"name": "新客户",
		"region": regionOf(f.dice.Below(2))})
}

// whose adds whom an order is of: a hospital or a shop.
func (f *field) whose(place int, x fields) fields {
	if f.count["hospital"] > 0 {
		x["customer"] = "hospital-" + strconv.Itoa(place/tradeReps+1)
	} else {
		x["store"] = placeID(place)
	}
	return x
}

func beginStore(f *field, i int, name string) {
	f.add("Store", placeID(i), start().Add(9*time.Hour), fields{"name": name,
		"owner": personID(i % tradeReps), "location": spot(i), "region": regionOf(i)})
}

func beginContact(f *field, i int, name string) {
	at := start().Add(9 * time.Hour)
	if i%tradeReps == 0 {
		id := f.id("hospital")
		f.add("Customer", id, at, fields{"name": "第" + strconv.Itoa(i/tradeReps+1) + "医院",
			"location": spot(i / tradeReps)})
	}
	f.add("Contact", placeID(i), at, fields{"name": name, "owner": personID(i % tradeReps),
		"customer": "hospital-" + strconv.Itoa(i/tradeReps+1)})
}

// photo is a picture that nobody has handed in before.
func (f *field) photo(at time.Time) fields {
	x := f.file("photo", ".jpg")
	x["taken"] = at.Format(time.RFC3339)
	return x
}

// file is one of a kind of its own.
func (f *field) file(kind, ext string) fields {
	name := f.id(kind) + ext
	return fields{"name": name, "sha256": fmt.Sprintf("%x", sha256.Sum256([]byte(name))),
		"size": 200_000 + f.count[kind]}
}

// move asks for a stage.
func (f *field) move(typ string, place int, stage string, at time.Time) {
	f.add(typ, placeID(place), at, fields{"stage": stage})
}

func shelfCall(f *field, c call) {
	ids := fields{"store": placeID(c.place), "rep": personID(c.rep), "location": spot(c.place)}
	if c.nth == 0 {
		ids["photo"], ids["attempt"], ids["margin"] = f.photo(c.at), 1, 0.24
		ids["verdict"], ids["note"] = "yes", "老板算过账，先进四个品，"+f.id("note")
		ids["rivals"] = []fields{{"brand": "甲", "retail": 5, "cost": 4},
			{"brand": "乙", "retail": 6, "cost": 4.5}}
		f.add("ListingTalk", f.id("talk"), c.at, ids)
		f.move("Store", c.place, "Agreed", c.at.Add(10*time.Minute))
		return
	}
	ids["skus"] = []string{"690101", "690102", "690103", "690104"}
	ids["tagged"], ids["pos_scan"] = 4, c.good
	ids["photo"] = f.photo(c.at.Add(-time.Minute))
	f.add("ShelfCheck", f.id("check"), c.at, ids)
	if c.good && c.nth < 4 {
		f.move("Store", c.place, "Selling", c.at.Add(10*time.Minute))
	}
}

func hospitalCall(f *field, c call) {
	x := fields{"contact": placeID(c.place), "rep": personID(c.rep),
		"location": spot(c.place / tradeReps),
		"topic":    []string{"method", "policy"}[c.nth%2], "receipt": f.photo(c.at),
		"said": f.words(labWords()),
		"next": c.at.AddDate(0, 0, 14).Format(time.RFC3339)}
	if c.good {
		x["register_no"] = f.id("A")
	}
	f.add("HospitalCall", f.id("call"), c.at, x)
	if stages := []string{"Discussing", "Discussing", "Open"}; c.nth < len(stages) {
		f.move("Contact", c.place, stages[c.nth], c.at.Add(10*time.Minute))
	}
}

func garageCall(f *field, c call) {
	ids := fields{"store": placeID(c.place), "rep": personID(c.rep)}
	if c.nth%3 == 1 {
		ids["location"] = spot(c.place)
		ids["first"], ids["final"] = f.photo(c.at.Add(-90*time.Minute)), f.photo(c.at.Add(-5*time.Minute))
		cars := []fields{}
		for i, make := range []string{"大众", "丰田", "别克", "本田", "日产", "大众"} {
			if c.good || i < 4 {
				cars = append(cars, fields{"make": make, "age_years": 3 + (i*3+c.place)%9})
			}
		}
		ids["entered"] = cars
		f.add("GateCount", f.id("gate"), c.at, ids)
		f.move("Store", c.place, "Opened", c.at.Add(time.Hour))
		return
	}
	ids["decider"], ids["complaint"] = "老板", []string{"late", "wrong", "price", "claim"}[c.place%4]
	ids["suppliers"] = []fields{{"name": "甲", "category": "机滤", "term_days": 30},
		{"name": "乙", "category": "刹车", "term_days": 0}}
	recording := f.file("talk", ".m4a")
	recording["length"] = "15min"
	ids["recording"] = recording
	ids["note"] = f.words(garageWords())
	if c.good {
		ids["orderer"] = "店员"
	}
	f.add("BuyerTalk", f.id("buyer"), c.at, ids)
	if c.nth == 0 {
		f.move("Store", c.place, "Talks", c.at.Add(10*time.Minute))
	}
}

// words is what somebody may have written: a piece of each list, so that hardly any two are alike.
func (f *field) words(lists [][]string) (out string) {
	for _, l := range lists {
		out += l[f.dice.Below(len(l))]
	}
	return out + strconv.Itoa(f.dice.Below(900)+100)
}

func labWords() [][]string {
	return [][]string{
		{
			"低值样本复测两遍", "夜班只排一个人", "新楼下半年启用", "质控品晚到三天",
			"体检旺季前要定", "室间质评刚出分", "急诊加了胸痛中心", "去年报废两台老机",
			"试剂余量够半个月", "物价办催对照表",
		},
		{
			"，批间差还想再看", "，关心开机到出数要多久", "，面积和水电先给图", "，要写进服务单",
			"，让先算单样成本", "，想换一组参考区间", "，问肌钙蛋白能不能提前报", "，处置流程走了四个月",
			"，冷链箱温度要记录", "，医保编码缺一项",
		},
		{
			"，材料周五前送到", "，请工程师来讲一次", "，组长下周回复", "，约院感一起看",
			"，等采购办通知", "，先跑五十例对比", "，要同级医院的数据", "，科会上再议",
			"，信息科接口要评估", "，主任出差回来再定",
		},
		{"，批号", "，工单", "，样本号", "，登记簿第", "，柜位", "，房间"},
	}
}

func garageWords() [][]string {
	return [][]string{
		{
			"刹车片送错两次", "月结对账差几十元", "早上报件下午才到", "电瓶质保扯皮",
			"轮胎库存压得久", "机滤品牌客户不认", "变速箱油断过货", "钣金件等了一周",
			"空调压缩机返修", "减振器只剩一边",
		},
		{
			"，换货拖了三天", "，想要能查的对账单", "，客户车在举升机上等", "，旧件没人收",
			"，问能不能换新品", "，保险公司压价", "，司机多跑一趟", "，老客户去了对面",
			"，工时费没赚到", "，微信群里没人应",
		},
		{
			"，老板娘管账", "，师傅点牌子", "，店长负责下单", "，儿子接手不久",
			"，合伙人分管进货", "，前台用小程序", "，月底才付款", "，只认正厂件",
			"，货架想重摆", "，想加做保养套餐",
		},
		{"，车牌尾号", "，单号", "，工位", "，门牌", "，里程千公里", "，报价单"},
	}
}
