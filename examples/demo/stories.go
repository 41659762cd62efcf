package demo

import (
	"fmt"
	"time"
)

// The planted stories are about this rep and this store.
const (
	chen    = 3
	sleeper = 6 // store-07
)

// cold reports whether a rep makes no visits on a day: rep-chen from 23 March to 1 April.
func cold(rep, day int) bool { return rep == chen && day >= 21 && day < 31 }

// at is a moment of a day of the six weeks.
func at(day, hour, minute int) time.Time {
	return start().AddDate(0, 0, day).Add(time.Duration(hour*60+minute) * time.Minute)
}

// stories adds what is planted beside the days' own records.
func (f *field) stories() {
	for i, day := range []int{16, 17, 18, 21, 23} {
		f.inquire(sleeper, at(day, 10+i, 15))
	}
	f.add("Order", "order-wake", at(25, 11, 30), fields{"store": storeID(sleeper),
		"rep": repID(sleeper % repCount), "amount": 4200})

	f.addLate("late-1", at(8, 16, 0), 41*time.Hour+5*time.Minute, fields{"store": storeID(1),
		"rep": repID(1), "minutes": 18, "note": "手机没电，第三天补交"})
	for i := range 2 {
		f.addLate("dup-1", at(11, 15, 0), time.Duration(i)*time.Minute, fields{"store": storeID(2),
			"rep": repID(2), "minutes": 22, "photo": true, "note": "网络不好，重发了一次"})
	}
	f.add("Visit", "bad-1", at(12, 15, 30), fields{"store": storeID(4), "rep": repID(4),
		"note": "忘了填停留时间"})
}

// team adds who works where, on the first morning.
func (f *field) team() {
	morning := at(0, 8, 0)
	for i, manager := range []string{"王敏", "周洋"} {
		id := []string{"east", "west"}[i]
		f.add("Rep", "rep-"+id, morning, fields{"name": manager})
		f.add("Team", "team-"+id, morning, fields{"name": []string{"东区", "西区"}[i],
			"manager": "rep-" + id})
	}
	for i, name := range []string{"李强", "赵蕾", "吴凡", "陈晨", "孙悦", "钱进", "郑爽", "何平"} {
		f.add("Rep", repID(i), morning, fields{"name": name,
			"team": []string{"team-east", "team-west"}[i/4]})
	}
	for i := range storeCount {
		potential := []string{"high", "medium", "medium", "low"}[f.dice.Below(4)]
		if i == sleeper {
			potential = "high"
		}
		f.add("Store", storeID(i), morning, fields{"name": storeName(i), "owner": repID(i % repCount),
			"channel":   []string{"chain", "community", "restaurant"}[f.dice.Below(3)],
			"potential": potential, "freezer": f.dice.Below(2) == 0,
			"location": []float64{31.15 + float64(f.dice.Below(200))/1000,
				121.35 + float64(f.dice.Below(250))/1000}})
	}
}

func repID(i int) string {
	return "rep-" + []string{"li", "zhao", "wu", "chen", "sun", "qian", "zheng", "he"}[i]
}

func storeID(i int) string { return fmt.Sprintf("store-%02d", i+1) }

// storeName joins a street to a kind of shop; 8 times 6 names, none of them twice.
func storeName(i int) string {
	street := []string{"光明路", "和平街", "建设路", "人民路", "新华街", "长江路", "中山路", "解放街"}
	kind := []string{"便利店", "超市", "副食店", "小馆", "生鲜店", "烟酒行"}
	return street[i%len(street)] + kind[i/len(street)]
}

func notes() []string {
	return []string{"陈列整齐，补货两箱", "老板不在，约下周再谈", "竞品做买三送一，货架被挤到下层",
		"谈妥端架，下周一上新品", "库存偏高，先清旧货", "冰柜位置靠后，建议换到门口", "已对账"}
}

func questions() []string {
	return []string{"有没有新口味", "什么时候送货", "搭赠还有吗", "冰柜怎么申请", "最低起订多少"}
}
