# banned.pl FILE... - calls that overflow, keep hidden state or go through a shell; marks of unfinished
# work; printing and exiting below lib/; lines that are far too wide (100 columns is the
# aim, and what clang-format makes of them).
use strict;
use warnings;

my $banned = join '|', qw(strcpy stpcpy strcat sprintf vsprintf gets strtok gmtime localtime ctime asctime
	atoi atol atoll atof system popen rand srand tmpnam mktemp tempnam alloca wordexp);
my $prints = 'printf|puts|putchar|perror|exit|abort|err|errx|warn|warnx';
my $widest = 140;
my $failed = 0;

sub bad {
	print "$_[0]\n";
	$failed = 1;
}

sub width {
	my ($line) = @_;
	1 while $line =~ s/^([^\t]*)\t/$1 . ' ' x (8 - length($1) % 8)/e;
	return length $line;
}

for my $file (@ARGV) {
	open my $in, '<:utf8', $file or die "$file: $!\n";
	my $text = do { local $/; <$in> };
	my $n = 0;
	for my $line (split /\n/, $text) {
		$n++;
		my $columns = width($line);
		bad("$file:$n: $columns columns, at most $widest") if $columns > $widest && $file !~ m{^tests/};
		bad("$file:$n: finish it or do not begin it") if $line =~ /\b(TODO|FIXME|XXX)\b/;
	}
	# comments and strings become blanks of as many lines
	$text =~ s{(/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')}
		  {my $s = $1; $s =~ s/[^\n]/ /g; $s}gse;
	$n = 0;
	for my $line (split /\n/, $text) {
		$n++;
		next if $file =~ m{^tests/};
		bad("$file:$n: $1() is not used here") if $line =~ /(?<![\w.>])($banned)\s*\(/;
		next if $file !~ m{^lib/} || $file =~ m{^lib/cli/} || $file eq 'lib/base/mem.c';
		bad("$file:$n: lib/ neither prints nor exits: $1()") if $line =~ /(?<![\w.>])($prints)\s*\(/;
		bad("$file:$n: lib/ does not print to stdout") if $line =~ /\bstdout\b/;
	}
}
exit $failed;
