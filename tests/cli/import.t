#!/bin/sh
# import.t - mich import: models that were trained elsewhere.
. "${0%/*}/../lib/tap.sh"

engines || skip_all "DuckDB and XGBoost are not there"
sh "$TESTS/lib/man-fixture.sh" "$SHARED/repo" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
(cd "$SHARED/repo" && mich export model/eta@2 ../out >/dev/null) || exit 1
cd "$SHARED" || exit 1

# stump NAMES TYPES [CATS]: one tree on the first input, as XGBoost 3.2 writes it.
cat >stump.sh <<'END'
cat <<JSON
{"learner":{"attributes":{"best_iteration":"0"},"feature_names":[$1],"feature_types":[$2],"gradient_booster":{"model":{"cats":{"enc":[$3]},
"gbtree_model_param":{"num_parallel_tree":"1","num_trees":"1"},"tree_info":[0],"trees":[{"tree_param":{"num_nodes":"3","size_leaf_vector":"1"},
"left_children":[1,-1,-1],"right_children":[2,-1,-1],"split_indices":[0,0,0],"split_conditions":[${4:-0.5},-1.5,2.25],
"default_left":[1,0,0],"split_type":[${5:-0},0,0],"categories":[${6:-}],"categories_nodes":[${6:+0}],"categories_segments":[${6:+0}],"categories_sizes":[${6:+1}]}]},
"name":"gbtree"},"learner_model_param":{"base_score":"5E-1","num_class":"${8:-0}","num_feature":"2","num_target":"1"},"objective":{"name":"${7:-reg:squarederror}"}},"version":[3,2,0]}
JSON
END
export SHARED

it 'what mich trained and exported comes back bit for bit' '
	cp -r "$SHARED/repo" r; cd r
	mich import model/back ../../shared/out/model.ubj --contract ../../shared/out/model.json >ref 2>err
	same ref - <<-END
	model/back@1
	END
	mich predict eta --from data/new.csv >a
	mich predict back --from data/new.csv >b
	same a b
	mich import model/again ../../shared/out/model.ubj --like flights --categories frequent \
		--columns dep_delay,distance,hour,carrier >/dev/null 2>&1
	mich cat eta:files/model.json | jq -S .contract >a
	mich cat again:files/model.json | jq -S .contract >b
	sed -i "/\"m[ai][xn]\"/d; /nullable/d" a b
	same b a
	mich eval again >/dev/null 2>&1
	mich predict again --from data/new.csv >b
	mich predict eta --from data/new.csv >a
	same a b
	mich fsck --full >/dev/null'

it 'it is measured, predicts into files, and shows its origin' '
	cp -r "$SHARED/repo" r; cd r
	mich import model/back ../../shared/out/model.ubj --contract ../../shared/out/model.json \
		--origin https://example.com/eta >/dev/null 2>&1
	mich eval back --on flights >/dev/null 2>&1
	[ "$(mich cat eval/back:metrics.json)" = "$(mich cat eval/eta:metrics.json)" ]
	mich predict back --from data/new.csv --into p.parquet >/dev/null 2>&1
	[ -s p.parquet ]
	mich show back >out
	has out "https://example.com/eta"
	has out model.ubj
	[ "$(mich cat back:manifest.json | jq -r .origin.sha256)" = "$(sha256sum <../../shared/out/model.ubj | cut -d" " -f1)" ]
	mich cat back:files/model.ubj | cmp - ../../shared/out/model.ubj'

it 'the same import is one version, another contract another' '
	cp -r "$SHARED/repo" r; cd r; m=../../shared/out/model.ubj
	mich import back $m --contract ../../shared/out/model.json >/dev/null 2>&1
	mich import back $m --contract ../../shared/out/model.json --json >j
	[ "$(jq -r .ref,.action j | tr "\n" " ")" = "model/back@1 current " ]
	mich import back $m --contract ../../shared/out/model.json --mode reject --json >j
	[ "$(jq -r .ref,.action j | tr "\n" " ")" = "model/back@2 made " ]
	echo carrier,hour,distance,dep_delay >x.csv; echo ZZ,9,700,3 >>x.csv
	code 128 mich predict back --from x.csv 2>err
	has err carrier'

it 'names, types and categories of the file make the contract' '
	cp -r "$SHARED/repo" r; cd r
	sh "$SHARED/stump.sh" "\"city\",\"n\"" "\"c\",\"int\"" \
		"{\"offsets\":[0,3,6,11],\"values\":[78,89,67,83,70,79,77,195,188,110,99]},{\"offsets\":[],\"values\":[]}" 0 1 1 >m.json
	mich import model/city m.json >/dev/null 2>err
	has err "label is not known"
	has err "best round is number 0"
	mich cat city:files/model.json | jq -c "[.contract.columns[]|[.name,.type,.categories]]" >got
	same got - <<-END
	[["city","string",["NYC","SFO","Münc"]],["n","int",null]]
	END
	printf "city,n\nNYC,1\nSFO,2\nLAX,3\n" >in.csv
	mich predict city --from in.csv >got 2>err
	same got - <<-END
	prediction
	-1
	2.75
	-1
	END
	has err "category that the model does not know"
	code 128 mich eval city --on flights 2>err
	has err "does not know its label"'

it 'a classifier without a label has its classes' '
	cp -r "$SHARED/repo" r; cd r
	sh "$SHARED/stump.sh" "" "" "" 0.5 0 "" binary:logistic >m.json
	mich import model/yes m.json >/dev/null 2>&1
	printf "f0,f1\n0,0\n1,0\n" >in.csv
	mich predict yes --from in.csv >got
	same got - <<-END
	prediction,probability
	0,0.18242553
	1,0.9046505
	END
	mich import model/yes m.json --label late --task regression --columns a,b >/dev/null 2>&1
	printf "a,b\n0,0\n" >in.csv
	mich predict yes@2 --from in.csv >got
	same got - <<-END
	prediction
	0.18242553
	END'

it 'refuses a file cut anywhere' '
	cp -r "$SHARED/repo" r; cd r; m=../../shared/out/model.ubj
	n=$(wc -c <$m)
	for cut in 0 1 2 100 $((n / 2)) $((n - 1)); do
		head -c $cut $m >cut.ubj
		code 128 mich import model/cut cut.ubj 2>err
		has err cut.ubj
	done
	sh "$SHARED/stump.sh" "" "" "" >m.json
	head -c 400 m.json >cut.json
	code 128 mich import model/cut cut.json 2>err
	has err cut.json
	code 128 mich show model/cut 2>/dev/null
	mich fsck >/dev/null'

it 'refuses what it cannot score, and a file that is not there' '
	cp -r "$SHARED/repo" r; cd r
	sh "$SHARED/stump.sh" "" "" "" 0.5 0 "" my:objective >m.json
	code 128 mich import model/m m.json 2>err
	has err "objective '\''my:objective'\'' is not known"
	code 128 mich import model/m nowhere.ubj 2>err
	has err nowhere.ubj
	echo "not a model" >m.json
	code 128 mich import model/m m.json 2>err
	has err m.json
	code 128 mich import model/m . 2>err'

it 'refuses categories whose codes nobody knows' '
	cp -r "$SHARED/repo" r; cd r
	sh "$SHARED/stump.sh" "\"carrier\",\"hour\"" "\"c\",\"int\"" "" 0 1 7 >m.json
	code 128 mich import model/m m.json 2>err
	has err "column '\''carrier'\'' has categories"
	has err "hint: say it: --contract FILE"
	code 128 mich import model/m m.json --like flights 2>err
	has err "column '\''carrier'\'' has categories"
	code 128 mich import model/m m.json --like flights --categories sorted 2>err
	has err "5 categories in the contract, but the trees ask for code 7"
	mich import model/m m.json --categories codes >/dev/null 2>&1
	sh "$SHARED/stump.sh" "\"carrier\",\"hour\"" "\"c\",\"int\"" "" 0 1 1 >m.json
	mich import model/m m.json --like flights --categories sorted >/dev/null 2>&1
	[ "$(mich cat m:files/model.json | jq -c ".contract.columns[0].categories")" = "[\"AA\",\"B6\",\"DL\",\"UA\",\"WN\"]" ]
	sh "$SHARED/stump.sh" "\"carrier\",\"hour\"" "\"c\",\"int\"" \
		"{\"type\":15,\"values\":[0,10]},{\"offsets\":[],\"values\":[]}" 0 1 1 >m.json
	code 128 mich import model/m m.json 2>err
	has err "categories that are numbers"'

it 'refuses a data set that does not go with the file' '
	cp -r "$SHARED/repo" r; cd r
	sh "$SHARED/stump.sh" "\"distanse\",\"hour\"" "\"float\",\"int\"" "" >m.json
	code 128 mich import model/m m.json --like flights 2>err
	has err "'\''distanse'\'' is no column"
	has err distance
	sh "$SHARED/stump.sh" "\"carrier\",\"hour\"" "\"float\",\"int\"" "" >m.json
	code 128 mich import model/m m.json --like flights --categories sorted 2>err
	has err "column '\''carrier'\'' is text, but a number in the file"
	sh "$SHARED/stump.sh" "\"distance\",\"hour\"" "\"float\",\"int\"" "" >m.json
	code 128 mich import model/m m.json --like nowhere 2>err
	code 128 mich import model/m m.json --like flights --label nothing 2>err
	has err nothing
	sh "$SHARED/stump.sh" "\"distance\",\"hour\"" "\"float\",\"int\"" "" 0.5 0 "" binary:logistic >m.json
	code 128 mich import model/m m.json --like flights 2>err
	has err "arr_delay"'

it 'refuses a contract of another shape' '
	cp -r "$SHARED/repo" r; cd r; m=../../shared/out
	jq ".contract.columns |= .[1:]" $m/model.json >short.json
	code 128 mich import model/m $m/model.ubj --contract short.json 2>err
	has err "the contract makes 3 inputs, but the file has 4"
	jq ".contract.columns[3].categories |= .[:1]" $m/model.json >few.json
	code 128 mich import model/m $m/model.ubj --contract few.json 2>err
	has err "column '\''carrier'\'' has 1 categories"
	jq ".contract.task = \"binary\" | .contract.label.classes=[\"0\",\"1\"]" $m/model.json >task.json
	code 128 mich import model/m $m/model.ubj --contract task.json 2>err
	has err "the file is of task regression"
	echo "{\"columns\":3}" >bad.json
	code 128 mich import model/m $m/model.ubj --contract bad.json 2>err
	has err bad.json
	echo "{" >bad.json
	code 128 mich import model/m $m/model.ubj --contract bad.json 2>err
	has err bad.json
	code 128 mich import model/m $m/model.ubj --contract nowhere.json 2>err
	has err nowhere.json
	code 128 mich import model/m $m/model.ubj --columns a,b 2>err
	has err "2 columns are named, but the file has 4 inputs"'

it 'refuses a name that the Michfile makes, and what is no model name' '
	cp -r "$SHARED/repo" r; cd r; m=../../shared/out
	code 128 mich import model/eta $m/model.ubj --contract $m/model.json 2>err
	has err "the Michfile has a section of that name"
	has err "hint: import it under another name"
	code 129 mich import dataset/x $m/model.ubj 2>err
	code 129 mich import model/x@3 $m/model.ubj 2>err
	code 128 mich import model/Bad! $m/model.ubj 2>err
	code 129 mich import model/x $m/model.ubj --contract a --like b 2>err
	code 129 mich import model/x $m/model.ubj --rounds -1 2>err
	code 129 mich import model/x 2>err'

it 'scores with the first rounds when told' '
	cp -r "$SHARED/repo" r; cd r; m=../../shared/out
	mich import model/cut $m/model.ubj --contract $m/model.json --rounds 5 >/dev/null 2>&1
	mich predict cut --from data/new.csv >a
	mich predict eta --from data/new.csv >b
	code 1 cmp -s a b
	code 128 mich import model/cut $m/model.ubj --contract $m/model.json --rounds 99 2>err
	has err "fewer than 99 rounds"'

# Models of models, of partitions, and nets: what mich export and mich package wrote of them.
(cd "$SHARED/repo" && cat >>Michfile <<'END'
[model "parts"]
	dataset = flights
	feature = dep_delay, distance
	partition = carrier
	partition-min-rows = 10
	learner = xgboost
	param = rounds=4
[model "net"]
	dataset = flights
	feature = dep_delay, hour, carrier
	learner = net
	param = epochs=2
[model "both"]
	dataset = flights
	members = parts, net
	combine = stacked
	learner = linear
END
git commit -qam models && mich build model/both >../both.log 2>&1) || { sed 's/^/# /' "$SHARED/both.log"; exit 1; }

it 'a folder that mich export wrote, of every kind: the same bytes and answers' '
	cp -r "$SHARED/repo" r; cd r
	for m in eta parts net both; do
		mich export $m ../out-$m
		mich import model/new-$m ../out-$m >ref 2>err
		same ref - <<-END
		model/new-$m@1
		END
		[ "$(mich show new-$m --json | jq -r .content)" = "$(mich show $m --json | jq -r .content)" ]
		mich predict $m --from data/new.csv >a
		mich predict new-$m --from data/new.csv >b
		same a b
	done
	mich eval new-both --on flights >/dev/null 2>&1
	[ "$(mich cat eval/new-both:metrics.json | jq -S .test)" = "$(mich eval both >/dev/null 2>&1; mich cat eval/both:metrics.json | jq -S .test)" ]
	mich show new-parts >a; has a "partitions by carrier: "
	mich import new-parts ../out-parts --json | jq -e ".action == \"current\""
	mich import new-parts ../out-parts --mode reject --json | jq -e ".action == \"made\""
	(head -n 2 data/new.csv; tail -n 1 data/new.csv | sed "s/^../ZZ/") >odd.csv
	code 128 mich predict new-parts@2 --from odd.csv 2>err
	has err carrier
	mich fsck --full >/dev/null'

it 'a package, file or folder, and where it comes from' '
	cp -r "$SHARED/repo" r; cd r
	mich package both -o ../both.tar >/dev/null
	mkdir ../open; tar xf ../both.tar -C ../open
	mich import theirs ../both.tar --origin "the other team" >/dev/null 2>&1
	mich import theirs ../open --json | jq -e ".action == \"current\""
	mich cat theirs:manifest.json | jq -e ".origin | .from == \"the other team\" and (.package.ref | startswith(\"model/both@\"))"
	[ "$(mich show theirs --json | jq -r .content)" = "$(mich show both --json | jq -r .content)" ]
	printf " " >>../open/files/model.json
	code 128 mich import theirs ../open 2>err
	has err "is damaged: model.json"
	head -c 5000 ../both.tar >../cut.tar
	code 128 mich import theirs ../cut.tar 2>err
	has err "cut.tar"
	mich package flights -o ../flights.tar >/dev/null
	code 128 mich import theirs ../flights.tar 2>err
	has err "has no model.json"'

it 'a folder is a whole model, and nothing else' '
	cp -r "$SHARED/repo" r; cd r
	mich export net ../out
	code 128 mich import m ../out/weights.safetensors 2>err
	has err "hint: a model that mich wrote is taken in as its folder: mich import model/m ../out/"
	code 128 mich import m ../out/model.json 2>err
	has err "taken in as its folder"
	code 128 mich import m ../out --label arr_delay 2>err
	has err "a contract of its own"
	code 128 mich import m data 2>err
	has err "has no model.json"
	ln -s /etc/passwd ../out/more
	code 128 mich import m ../out 2>err
	has err "no file and no folder"
	mich export parts ../odd
	for bad in "{\"partitions\":3}" "{\"by\":{},\"partitions\":[1,{\"values\":7}]}" "[]" "{"; do
		echo "$bad" >../odd/partitions.json
		mich import odd ../odd >/dev/null 2>&1
		mich show odd >/dev/null 2>err || grep -q partitions.json err
		mich report odd -o odd.html >/dev/null 2>err || grep -q partitions.json err
	done
	rm ../out/more ../out/weights.safetensors
	code 128 mich import m ../out 2>err
	has err "'\''../out/weights.safetensors'\''"
	code 1 grep "mich/tmp" err
	code 128 mich show model/m 2>/dev/null
	code 128 mich import eta ../out 2>err
	has err "the Michfile has a section of that name"'

it 'what other programs wrote is named' '
	cp -r "$SHARED/repo" r; cd r
	printf "tree\nversion=v4\nnum_class=1\n" >m.txt
	code 128 mich import m m.txt 2>err
	has err "m.txt'\'' is a model of LightGBM, which mich does not score"
	has err "man mich-model"
	printf "\200\004x" >m.pkl; code 128 mich import m m.pkl 2>err; has err "a pickle of Python"
	printf "\010\007" >m.onnx; code 128 mich import m m.onnx 2>err; has err "an ONNX graph"
	echo nothing >m.txt; code 128 mich import m m.txt 2>err
	has err "cannot read JSON"; has err "hint: want XGBoost"'
